#include "cli/envelope_batch.h"

#include <algorithm>
#include <utility>

#include "base/json_scanner.h"
#include "base/text.h"

namespace trackwire::cli {
namespace {

constexpr size_t kMaxTextBytes = 10'000'000;

std::string TextMember(base::JsonValue object, std::string_view name) {
  const auto member = base::FindMember(object, name);
  return member && member->is_string() ? base::DecodeJsonString(member->text) : std::string();
}

std::string ErrorText(base::JsonValue object) {
  const auto error = base::FindMember(object, "error");
  if (!error || !error->is_object()) return {};
  return TextMember(*error, "code") + ": " + TextMember(*error, "message");
}

constexpr size_t kMaxCount = 500;
constexpr size_t kMaxBodyBytes = 500'000;
constexpr size_t kBrackets = 2;

}  // namespace

EnvelopeBatch::EnvelopeBatch(size_t max_bytes) : max_bytes_(std::min(max_bytes, kMaxBodyBytes)) {}

bool EnvelopeBatch::HasRoomFor(size_t bytes) const {
  if (envelopes_.empty()) return true;
  return envelopes_.size() < kMaxCount && bytes_ + 1 + bytes <= max_bytes_;
}

void EnvelopeBatch::Add(std::string envelope) {
  bytes_ += envelope.size() + (envelopes_.empty() ? kBrackets : 1);
  envelopes_.push_back(std::move(envelope));
}

std::vector<std::string> EnvelopeBatch::Take() {
  bytes_ = 0;
  return std::exchange(envelopes_, {});
}

Result<BatchOutcome> PostBatch(HttpPoster& poster, const std::vector<std::string>& envelopes) {
  std::string body = "[";
  for (const std::string& envelope : envelopes) {
    if (body.size() > 1) body += ',';
    body += envelope;
  }
  auto answer = poster.Post(body + "]");
  if (!answer) return Err(answer.error());
  const auto value = base::ScanJson(answer->body);
  const bool object = value && value->is_object();
  if (answer->status != 202 || !object) {
    const std::string text = object ? ErrorText(*value) : std::string();
    return Err("refused", "the gateway answered " + std::to_string(answer->status) +
                              (text.empty() ? std::string() : ", " + text));
  }
  const auto results = base::FindMember(*value, "results");
  if (!results || !results->is_array()) return Err("refused", "the gateway's answer is no result");
  BatchOutcome outcome;
  base::JsonArrayReader elements(*results);
  while (auto element = elements.Next()) {
    if (!element->is_object()) return Err("refused", "the gateway's answer is no result");
    outcome.offsets.push_back(TextMember(*element, "offset"));
    outcome.errors.push_back(ErrorText(*element));
  }
  return outcome;
}

Result<void> ReadJsonTexts(std::istream& input, const std::function<bool(std::string)>& take) {
  std::string text;
  std::string line;
  size_t number = 0;
  size_t started = 1;
  while (std::getline(input, line)) {
    ++number;
    if (text.empty()) {
      if (base::Trim(line).empty()) continue;
      started = number;
    }
    text += line;
    text += '\n';
    const auto value = base::ScanJson(text);
    if (value) {
      if (!take(std::string(value->text))) return Ok();
      text.clear();
    } else if (value.error() != base::JsonError::kTruncated || text.size() > kMaxTextBytes) {
      return Err("bad_json",
                 "line " + std::to_string(started) + ": " + base::ToString(value.error()));
    }
  }
  if (!text.empty()) {
    return Err("bad_json", "line " + std::to_string(started) + ": the text ends too early");
  }
  return Ok();
}

}  // namespace trackwire::cli
