#pragma once

#include <string>

#include "tracking/position.h"

namespace trackwire::formats {

/// What a device, file or provider said about one of its trackers.
struct Report {
  std::string external_id;  ///< its own name for it; empty where there is none
  tracking::Fix fix;        ///< `source` is for the caller to fill in
  bool has_place = true;    ///< false: a sign of life, the place of `fix` says nothing
  bool last_will = false;   ///< others say that it is gone, as of `fix_time`; has no place
  std::string name;         ///< for people; empty: unknown
  std::string category;     ///< car, bus, cargo, …; empty: unknown
};

}  // namespace trackwire::formats
