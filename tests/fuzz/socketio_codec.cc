// Arguments read as values, against a plain reading of each element with strtod and Boost.JSON; and
// raw JSON whose attachments must stay its own, however it is numbered. The first byte says how
// many attachments there are, the rest is the array of the arguments.
#include <boost/json.hpp>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/json_scanner.h"
#include "socketio/codec.h"
#include "socketio/packet.h"

using namespace trackwire;            // NOLINT
using namespace trackwire::socketio;  // NOLINT

namespace {

using Attachments = std::vector<std::string_view>;

template <typename T>
std::optional<T> ReadAs(base::JsonValue element, const Attachments& attachments) {
  ReadScope scope(attachments, ReadScope::Texts::kCopied);
  T value{};
  if (!ArgsReader(scope, element).Read(value)) return {};
  return value;
}

/// As JavaScript would: the nearest double, which has to be whole; exact where only digits are.
template <typename T>
std::optional<T> PlainInteger(base::JsonValue element) {
  if (!element.is_number()) return {};
  const std::string text(element.text);
  __extension__ using Wide = __int128;
  Wide wide = 0;
  if (text.find_first_of(".eE") == std::string::npos) {
    for (const char c : text) {
      if (c != '-' && wide < (Wide{1} << 100)) wide = wide * 10 + (c - '0');
    }
    if (text[0] == '-') wide = -wide;
  } else {
    const double nearest = std::strtod(text.c_str(), nullptr);
    if (!(std::fabs(nearest) < std::ldexp(1.0, 53)) || nearest != std::floor(nearest)) return {};
    wide = static_cast<Wide>(nearest);
  }
  using Limits = std::numeric_limits<T>;
  if (wide < Limits::min() || wide > Limits::max()) return {};
  return static_cast<T>(wide);
}

std::optional<double> PlainNumber(base::JsonValue element) {
  if (!element.is_number()) return {};
  const double nearest = std::strtod(std::string(element.text).c_str(), nullptr);
  if (!std::isfinite(nearest)) return {};
  return nearest;
}

/// The value with what its placeholders stand for in their places.
boost::json::value Resolve(const boost::json::value& value, const Attachments& attachments) {
  if (const auto* array = value.if_array()) {
    boost::json::array all;
    for (const auto& element : *array) all.push_back(Resolve(element, attachments));
    return all;
  }
  const auto* object = value.if_object();
  if (object == nullptr) return value;
  const auto* mark = object->if_contains("_placeholder");
  const auto* num = object->if_contains("num");
  if (mark != nullptr && mark->is_bool() && mark->get_bool() && num != nullptr) {
    const auto* which = num->if_int64();
    if (which != nullptr && *which >= 0 && static_cast<size_t>(*which) < attachments.size()) {
      return boost::json::string("attachment " +
                                 std::string(attachments[static_cast<size_t>(*which)]));
    }
  }
  boost::json::object all;
  for (const auto& [name, member] : *object) all[name] = Resolve(member, attachments);
  return all;
}

std::optional<boost::json::value> Parse(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = 128;
  boost::json::error_code error;
  auto value = boost::json::parse({text.data(), text.size()}, error, {}, options);
  if (error) return {};
  return value;
}

bool IsAsInPackets(std::string_view json, const Attachments& attachments) {
  const auto count = static_cast<uint32_t>(attachments.size());
  return attachments.empty() || PlaceholdersValid(json, count);
}

void CheckElement(base::JsonValue element, const Attachments& attachments) {
  CHECK(ReadAs<int8_t>(element, attachments) == PlainInteger<int8_t>(element));
  CHECK(ReadAs<uint32_t>(element, attachments) == PlainInteger<uint32_t>(element));
  CHECK(ReadAs<int64_t>(element, attachments) == PlainInteger<int64_t>(element));
  CHECK(ReadAs<uint64_t>(element, attachments) == PlainInteger<uint64_t>(element));
  CHECK(ReadAs<double>(element, attachments) == PlainNumber(element));
  const auto parsed = Parse(element.text);
  const auto text = ReadAs<std::string>(element, attachments);
  CHECK(text.has_value() == element.is_string());
  // Boost.JSON refuses half a surrogate pair.
  if (text && parsed) CHECK(*text == std::string_view(parsed->get_string()));
  // A packet with a placeholder that names nothing is refused before anybody reads it.
  if (!parsed || !IsAsInPackets(element.text, attachments)) return;

  const boost::json::value resolved = Resolve(*parsed, attachments);
  const auto bytes = ReadAs<std::vector<std::byte>>(element, attachments);
  if (bytes) {
    const Bytes view(*bytes);
    CHECK(resolved == boost::json::value("attachment " + std::string(AsText(view))));
  } else {
    CHECK(!parsed->is_object() || resolved.is_object());
  }
  const auto json = ReadAs<Json>(element, attachments);
  CHECK(json.has_value() && json->attachments.size() <= attachments.size());
  const Args sent = MakeArgs(AsBytes("before"), *json, AsBytes("after"));
  const Attachments sent_with(sent.attachments.begin(), sent.attachments.end());
  const auto array = Parse("[" + sent.json + "]");
  CHECK(array && array->as_array().size() == 3);
  if (attachments.empty()) {
    CHECK(array->as_array()[1] == *parsed);
  } else {
    CHECK(Resolve(array->as_array()[1], sent_with) == resolved);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const Attachments all{"zero", "one", "two", "three"};
  const Attachments attachments(all.begin(), all.begin() + data[0] % 4);
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto json = base::ScanJson(text);
  const auto whole = ReadArgs<Args>(text, attachments);
  CHECK(whole.has_value() == (json && json->is_array()));
  if (!whole) return 0;
  base::JsonArrayReader elements(*json);
  while (const auto element = elements.Next()) CheckElement(*element, attachments);

  // The arguments as a whole, sent on as they are.
  const Args again = MakeArgs(std::get<0>(*whole));
  CHECK(again.json == std::get<0>(*whole).json);
  CHECK(again.attachments == std::get<0>(*whole).attachments);
  const std::string array = "[" + again.json + "]";
  CHECK(base::ScanJson(array).has_value());
  const Attachments kept(again.attachments.begin(), again.attachments.end());
  const auto before = Parse(text);
  const auto after = Parse(array);
  CHECK(before.has_value() == after.has_value());
  if (before && !attachments.empty() && IsAsInPackets(text, attachments)) {
    CHECK(Resolve(*before, attachments) == Resolve(*after, kept));
  }
  return 0;
}
