#include "geocoding/address.h"

#include <array>
#include <cmath>

#include "base/json_scanner.h"

namespace trackwire::geocoding {
namespace {

struct TextMember {
  std::string_view key;
  std::string Address::*text;
};
constexpr std::array kTexts{
    TextMember{"display_name", &Address::display_name},
    TextMember{"country_code", &Address::country_code},
    TextMember{"country", &Address::country},
    TextMember{"state", &Address::state},
    TextMember{"city", &Address::city},
    TextMember{"road", &Address::road},
    TextMember{"house_number", &Address::house_number},
    TextMember{"postcode", &Address::postcode},
};

struct NumberMember {
  std::string_view key;
  std::optional<double> Address::*number;
};
constexpr std::array kNumbers{
    NumberMember{"distance_m", &Address::distance_m},
    NumberMember{"bearing", &Address::bearing},
};

void AppendKey(std::string& out, std::string_view key) {
  if (out.size() > 1) out += ',';
  base::AppendJsonString(out, key);
  out += ':';
}

/// False when a member that is known has a value of the wrong type.
bool Take(const base::JsonMember& member, Address& address) {
  for (const TextMember& known : kTexts) {
    if (!member.KeyIs(known.key)) continue;
    if (!member.value.is_string()) return false;
    address.*known.text = base::DecodeJsonString(member.value.text);
    return true;
  }
  for (const NumberMember& known : kNumbers) {
    if (!member.KeyIs(known.key)) continue;
    const auto number = member.value.is_number() ? base::JsonNumber(member.value) : std::nullopt;
    if (!number) return false;
    address.*known.number = *number;
    return true;
  }
  return true;
}

}  // namespace

std::string AddressJson(const Address& address) {
  std::string out = "{";
  for (const TextMember& member : kTexts) {
    if ((address.*member.text).empty()) continue;
    AppendKey(out, member.key);
    base::AppendJsonString(out, address.*member.text);
  }
  for (const NumberMember& member : kNumbers) {
    const std::optional<double>& number = address.*member.number;
    if (!number || !std::isfinite(*number)) continue;
    AppendKey(out, member.key);
    base::AppendJsonNumber(out, *number);
  }
  out += '}';
  return out;
}

Result<Address> ParseAddress(std::string_view json) {
  const auto value = base::ScanJson(json);
  if (!value) return Err("bad_address", base::ToString(value.error()));
  if (!value->is_object()) return Err("bad_address", "an address is an object");
  Address address;
  base::JsonObjectReader reader(*value);
  while (const auto member = reader.Next()) {
    if (!Take(*member, address)) {
      return Err("bad_address",
                 "the value of " + std::string(member->raw_key) + " is of a wrong type");
    }
  }
  return address;
}

}  // namespace trackwire::geocoding
