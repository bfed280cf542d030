#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "fetcher/connector.h"
#include "formats/traccar.h"

namespace trackwire::fetcher {

/// The devices of a Traccar server by the numbers its positions name them by.
class TraccarDevices {
 public:
  /// Adds what is new and replaces what has changed.
  void Learn(std::vector<formats::TraccarDevice> devices);
  /// Forgets those that are not among `devices`, the whole list.
  void Replace(std::vector<formats::TraccarDevice> devices);
  /// Nothing when it is not known.
  const formats::TraccarDevice* Find(int64_t id) const;
  std::optional<int64_t> IdOf(const std::string& unique_id) const;
  /// Gives a position the name, id and category of its device; false when that is not known.
  bool Name(formats::TraccarPosition& position) const;

 private:
  std::unordered_map<int64_t, formats::TraccarDevice> by_id_;
  std::unordered_map<std::string, int64_t> ids_;
};

}  // namespace trackwire::fetcher
