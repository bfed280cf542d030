#include "broker/redis/hearings.h"

#include <openssl/sha.h>

#include <utility>

#include "base/json_scanner.h"

namespace trackwire::broker {
namespace {

constexpr size_t kDigestBytes = 16;
constexpr std::string_view kVia = "via";
constexpr std::string_view kInbox = "inbox";

std::string Digest(std::string_view bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return {reinterpret_cast<const char*>(digest), kDigestBytes};
}

}  // namespace

void Hearings::Begin(std::string tick) {
  tick_ = std::move(tick);
  counts_.clear();
}

void Hearings::Stop() { Begin({}); }

std::optional<std::string> Hearings::Count(std::string_view envelope) {
  std::string name = Digest(envelope);
  auto count = counts_.find(name);
  if (count == counts_.end()) {
    if (counts_.size() >= kMaxContents) return std::nullopt;
    count = counts_.emplace(name, 0).first;
  }
  if (++count->second > 1) name += std::to_string(count->second);
  return name;
}

bool IsMarked(std::string_view envelope) {
  if (envelope.find("\"via\"") == std::string_view::npos) return false;
  const auto value = base::ScanJson(envelope);
  if (!value || !value->is_object()) return false;
  const auto via = base::FindMember(*value, kVia);
  return via && via->is_string() && base::DecodeJsonString(via->text) == kInbox;
}

std::optional<Mark> MarkOf(std::string_view envelope, std::string_view key) {
  const auto value = base::ScanJson(envelope);
  if (!value || !value->is_object()) return std::nullopt;
  Mark mark;
  mark.keep = static_cast<size_t>(value->text.data() + value->text.size() - 1 - envelope.data());
  const bool empty = !base::JsonObjectReader(*value).Next();
  if (!empty) mark.rest = ",";
  if (!key.empty() && !base::FindMember(*value, "id")) {
    mark.rest += "\"id\":";
    base::AppendJsonString(mark.rest, key);
    mark.rest += ",";
  }
  mark.rest += "\"via\":\"inbox\"}";
  return mark;
}

}  // namespace trackwire::broker
