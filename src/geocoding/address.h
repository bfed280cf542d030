#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace trackwire::geocoding {

/// Where on earth something is, in words. What is not known is empty.
struct Address {
  std::string display_name;  ///< all of it in one line, the smallest first
  std::string country_code;  ///< ISO 3166-1 alpha-2, upper case
  std::string country;
  std::string state;  ///< the first level below the country
  std::string city;   ///< city, town, village or hamlet
  std::string road;
  std::string house_number;
  std::string postcode;
  std::optional<double> distance_m;  ///< from what is named to the point that was asked for
  std::optional<double> bearing;     ///< degrees true, in which direction from there the point lies

  bool operator==(const Address&) const = default;
};

/// The object that clients get: its keys are the members' names, what is empty is left out.
std::string AddressJson(const Address& address);
/// Reads what AddressJson() wrote; members it does not know are passed over. Error: `bad_address`.
Result<Address> ParseAddress(std::string_view json);

}  // namespace trackwire::geocoding
