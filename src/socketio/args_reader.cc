#include "socketio/args_reader.h"

#include <charconv>
#include <cmath>

#include "socketio/placeholders.h"

namespace trackwire::socketio {
namespace {

/// Whole numbers below it have one double each.
constexpr double kExactBelow = 9007199254740992.0;

template <typename T>
bool ParseDigits(std::string_view text, T& value) {
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  return parsed.ec == std::errc() && parsed.ptr == end;
}

}  // namespace

ReadScope::ReadScope(const std::vector<std::string_view>& attachments, Texts texts)
    : attachments_(attachments), texts_(texts) {
  for (const auto bytes : attachments) bytes_to_copy_ += kMaxCopies * bytes.size();
}

bool ArgsReader::Fail(const char* why) {
  scope_->why_ = why;
  return false;
}

bool ArgsReader::ReadNull() { return is_null() || Fail("not null"); }

bool ArgsReader::ReadBool(bool& value) {
  value = value_.type == base::JsonType::kTrue;
  return value || value_.type == base::JsonType::kFalse || Fail("neither true nor false");
}

/// For what is written with a fraction or an exponent, as some clients do.
std::optional<double> ArgsReader::WholeNumber() const {
  const auto number = base::JsonNumber(value_);
  if (!number || std::trunc(*number) != *number || std::fabs(*number) >= kExactBelow) return {};
  return number;
}

bool ArgsReader::ReadInteger(int64_t& value, int64_t min, int64_t max) {
  if (!value_.is_number()) return Fail("not a number");
  if (!ParseDigits(value_.text, value)) {
    const auto whole = WholeNumber();
    if (!whole) return Fail("not a whole number in range");
    value = static_cast<int64_t>(*whole);
  }
  return (value >= min && value <= max) || Fail("not a whole number in range");
}

bool ArgsReader::ReadUnsigned(uint64_t& value, uint64_t max) {
  if (!value_.is_number()) return Fail("not a number");
  if (!ParseDigits(value_.text, value)) {
    const auto whole = WholeNumber();
    if (!whole || *whole < 0) return Fail("not a whole number in range");
    value = static_cast<uint64_t>(*whole);
  }
  return value <= max || Fail("not a whole number in range");
}

bool ArgsReader::ReadNumber(double& value, double max) {
  if (!value_.is_number()) return Fail("not a number");
  const auto number = base::JsonNumber(value_);
  if (!number || std::fabs(*number) > max) return Fail("a number that is too large");
  value = *number;
  return true;
}

bool ArgsReader::ReadText(std::string& value) {
  if (!value_.is_string()) return Fail("not a string");
  value = base::DecodeJsonString(value_.text);
  return true;
}

bool ArgsReader::ReadText(std::string_view& value) {
  if (scope_->texts_ == ReadScope::Texts::kCopied) return Fail("a text that nobody keeps");
  if (!value_.is_string()) return Fail("not a string");
  value = value_.text.substr(1, value_.text.size() - 2);
  if (value.find('\\') != std::string_view::npos) {
    value = scope_->decoded_.emplace_front(base::DecodeJsonString(value_.text));
  }
  return true;
}

std::optional<uint32_t> ArgsReader::Attachment() const {
  const size_t count = scope_->attachments_.size();
  if (count == 0 || !value_.is_object()) return {};
  const auto mark = base::FindMember(value_, "_placeholder");
  if (!mark || mark->type != base::JsonType::kTrue) return {};
  const auto num = base::FindMember(value_, "num");
  const auto index = num ? base::JsonInteger(*num) : std::nullopt;
  if (!index || *index < 0 || static_cast<uint64_t>(*index) >= count) return {};
  return static_cast<uint32_t>(*index);
}

bool ArgsReader::ReadBytes(Bytes& value) {
  const auto index = Attachment();
  if (!index) return Fail("not binary");
  value = AsBytes(scope_->attachments_[*index]);
  return true;
}

bool ArgsReader::MayCopy(size_t bytes) {
  if (bytes > scope_->bytes_to_copy_) return Fail("binary that is named too often");
  scope_->bytes_to_copy_ -= bytes;
  return true;
}

bool ArgsReader::ReadBytes(std::vector<std::byte>& value) {
  Bytes bytes;
  if (!ReadBytes(bytes) || !MayCopy(bytes.size())) return false;
  value.assign(bytes.begin(), bytes.end());
  return true;
}

bool ArgsReader::ReadJson(Json& value) {
  Args copy;
  AppendWithAttachments(copy, value_.text, scope_->attachments_);
  size_t copied = 0;
  for (const std::string& bytes : copy.attachments) copied += bytes.size();
  if (!MayCopy(copied)) return false;
  value.text = std::move(copy.json);
  value.attachments = std::move(copy.attachments);
  return true;
}

bool ArgsReader::IsPlainObject() {
  return (value_.is_object() && !is_binary()) || Fail("not an object");
}

bool ArgsReader::FindMember(std::string_view name, std::optional<ArgsReader>& member) {
  if (!IsPlainObject()) return false;
  const auto found = base::FindMember(value_, name);
  if (found) member.emplace(*scope_, *found);
  return true;
}

ArrayReader::ArrayReader(ArgsReader array) : array_(array) {
  if (array.value_.is_array()) {
    elements_.emplace(array.value_);
  } else {
    array_.Fail("not an array");
  }
}

std::optional<ArgsReader> ArrayReader::Next() {
  ++asked_;
  const auto element = elements_ ? elements_->Next() : std::nullopt;
  if (!element) return {};
  return ArgsReader(*array_.scope_, *element);
}

bool ArrayReader::Next(Args& rest) {
  ++asked_;
  rest = {};
  std::string json;
  while (const auto element = elements_ ? elements_->Next() : std::nullopt) {
    if (!json.empty()) json += ',';
    json += element->text;
  }
  AppendWithAttachments(rest, json, array_.scope_->attachments_);
  return true;
}

std::string ArrayReader::Why() const {
  return "argument " + std::to_string(asked_) + ": " + std::string(array_.scope_->why());
}

}  // namespace trackwire::socketio
