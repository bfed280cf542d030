#include "socketio/args_writer.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/check.h"
#include "base/json_scanner.h"
#include "base/text.h"
#include "socketio/placeholders.h"

namespace trackwire::socketio {
namespace {

constexpr size_t kLongestCharacter = 4;

/// Each byte that begins no character becomes U+FFFD.
std::string MakeUtf8(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    size_t size = 1;
    while (size <= kLongestCharacter && size <= bytes.size() &&
           !base::IsUtf8(bytes.substr(0, size))) {
      ++size;
    }
    if (size > kLongestCharacter || size > bytes.size()) {
      text += "\xEF\xBF\xBD";
      size = 1;
    } else {
      text += bytes.substr(0, size);
    }
    bytes.remove_prefix(size);
  }
  return text;
}

void AppendString(std::string& out, std::string_view text) {
  if (base::IsUtf8(text)) {
    base::AppendJsonString(out, text);
  } else {
    base::AppendJsonString(out, MakeUtf8(text));
  }
}

template <typename T>
std::string_view Digits(T value, std::array<char, 24>& space) {
  const auto written = std::to_chars(space.data(), space.data() + space.size(), value);
  return {space.data(), static_cast<size_t>(written.ptr - space.data())};
}

}  // namespace

void ArgsWriter::StartValue() {
  if (after_key_) {
    after_key_ = false;
  } else if (begun_.back()++ > 0) {
    args_.json += ',';
  }
}

void ArgsWriter::Token(std::string_view token) {
  StartValue();
  args_.json += token;
}

void ArgsWriter::Begin(char bracket) {
  StartValue();
  args_.json += bracket;
  begun_.push_back(0);
}

void ArgsWriter::End(char bracket) {
  CHECK(begun_.size() > 1 && !after_key_);
  begun_.pop_back();
  args_.json += bracket;
}

void ArgsWriter::Key(std::string_view name) {
  CHECK(begun_.size() > 1 && !after_key_);
  StartValue();
  AppendString(args_.json, name);
  args_.json += ':';
  after_key_ = true;
}

void ArgsWriter::Integer(int64_t value) {
  std::array<char, 24> space;
  Token(Digits(value, space));
}

void ArgsWriter::Unsigned(uint64_t value) {
  std::array<char, 24> space;
  Token(Digits(value, space));
}

void ArgsWriter::Number(double value) {
  if (!std::isfinite(value)) return Null();
  StartValue();
  base::AppendJsonNumber(args_.json, value);
}

void ArgsWriter::Text(std::string_view text) {
  StartValue();
  AppendString(args_.json, text);
}

void ArgsWriter::Binary(Bytes bytes) {
  Token("{\"_placeholder\":true,\"num\":" + std::to_string(args_.attachments.size()) + "}");
  args_.attachments.emplace_back(AsText(bytes));
}

void ArgsWriter::Raw(const Json& json) {
  StartValue();
  AppendWithAttachments(args_, json.text, {json.attachments.begin(), json.attachments.end()});
}

void ArgsWriter::Write(const Args& args) {
  CHECK(begun_.size() == 1);
  if (args.json.empty()) return;
  StartValue();
  AppendWithAttachments(args_, args.json, {args.attachments.begin(), args.attachments.end()});
}

void ArgsWriter::CheckWritten(size_t depth, size_t values) const {
  CHECK(begun_.size() == depth && !after_key_ && begun_.back() == values);
}

Args ArgsWriter::Take() && {
  CHECK(begun_.size() == 1);
  return std::move(args_);
}

}  // namespace trackwire::socketio
