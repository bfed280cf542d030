// Whatever a JSON text holds, the filter leaves what a slow one that understands it would leave: by
// value as Boost.JSON has it, and byte for byte member by member.
#include <boost/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/json_scanner.h"
#include "notify/field_filter.h"

using namespace trackwire;  // NOLINT

namespace {

constexpr notify::ViewSet kVisitor = 1;
constexpr notify::ViewSet kEverybody = 3;

const std::vector<notify::FieldFilter::Rule> kRules = {
    {"imei", kEverybody}, {"apikey", kEverybody}, {"driver", kVisitor}, {"é", kVisitor},
    {"x", kVisitor},
};

bool Hidden(std::string_view name, notify::View view) {
  for (const auto& rule : kRules) {
    if ((rule.views >> view & 1) != 0 && rule.name == notify::NormalFieldName(name)) return true;
  }
  return false;
}

void Take(boost::json::value& value, notify::View view) {
  if (auto* array = value.if_array()) {
    for (auto& element : *array) Take(element, view);
  } else if (auto* object = value.if_object()) {
    boost::json::object kept;
    for (auto& member : *object) {
      if (Hidden(member.key(), view)) continue;
      Take(member.value(), view);
      kept[member.key()] = std::move(member.value());
    }
    *object = std::move(kept);
  }
}

/// Not all that the scanner takes is JSON for Boost: numbers may be too large, surrogates alone.
bool Parse(std::string_view text, boost::json::value& value) {
  boost::json::parse_options options;
  options.max_depth = 128;
  boost::system::error_code error;
  value = boost::json::parse({text.data(), text.size()}, error, {}, options);
  return !error;
}

/// Whether `after` is `before` without what is hidden, each name and each scalar as it was written.
void Compare(base::JsonValue before, base::JsonValue after, notify::View view) {
  CHECK(before.type == after.type);
  if (before.is_array()) {
    base::JsonArrayReader old_items(before);
    base::JsonArrayReader new_items(after);
    while (auto item = old_items.Next()) {
      const auto kept = new_items.Next();
      CHECK(kept);
      Compare(*item, *kept, view);
    }
    CHECK(!new_items.Next());
  } else if (before.is_object()) {
    base::JsonObjectReader old_members(before);
    base::JsonObjectReader new_members(after);
    while (auto member = old_members.Next()) {
      if (Hidden(base::DecodeJsonString(member->raw_key), view)) continue;
      const auto kept = new_members.Next();
      CHECK(kept && kept->raw_key == member->raw_key);
      Compare(member->value, kept->value, view);
    }
    CHECK(!new_members.Next());
  } else {
    CHECK(before.text == after.text);
  }
}

void CheckView(const notify::FieldFilter& filter, base::JsonValue input, notify::View view) {
  std::string out;
  filter.Append(view, input.text, out);
  const bool loses = (filter.Find(input.text) >> view & 1) != 0;
  CHECK(loses == (out != input.text));
  CHECK((filter.Find(out) >> view & 1) == 0);
  auto filtered = base::ScanJson(out);
  CHECK(filtered);
  Compare(input, *filtered, view);
  std::string again;
  filter.Append(view, out, again);
  CHECK(again == out);
  boost::json::value expected;
  boost::json::value found;
  if (!Parse(input.text, expected)) return;
  CHECK(Parse(out, found));
  Take(expected, view);
  CHECK(boost::json::serialize(expected) == boost::json::serialize(found));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const notify::FieldFilter filter(kRules);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto input = base::ScanJson(text);
  if (!input) {
    // Nobody should hand it over, but nothing beyond it is read and nothing is added.
    std::string out;
    filter.Append(0, text, out);
    CHECK(out.size() <= text.size());
    return 0;
  }
  for (const notify::View view : {0, 1, 2}) CheckView(filter, *input, view);
  return 0;
}
