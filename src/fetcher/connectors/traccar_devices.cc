#include "fetcher/connectors/traccar_devices.h"

namespace trackwire::fetcher {

void TraccarDevices::Learn(std::vector<formats::TraccarDevice> devices) {
  for (formats::TraccarDevice& device : devices) {
    const auto known = by_id_.find(device.id);
    if (known != by_id_.end()) ids_.erase(known->second.unique_id);
    ids_[device.unique_id] = device.id;
    by_id_[device.id] = std::move(device);
  }
}

void TraccarDevices::Replace(std::vector<formats::TraccarDevice> devices) {
  by_id_.clear();
  ids_.clear();
  Learn(std::move(devices));
}

const formats::TraccarDevice* TraccarDevices::Find(int64_t id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &found->second;
}

std::optional<int64_t> TraccarDevices::IdOf(const std::string& unique_id) const {
  const auto found = ids_.find(unique_id);
  return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

bool TraccarDevices::Name(formats::TraccarPosition& position) const {
  const formats::TraccarDevice* device = Find(position.device_id);
  if (device == nullptr) return false;
  position.report.external_id = device->unique_id;
  position.report.name = device->name;
  position.report.category = device->category;
  return true;
}

}  // namespace trackwire::fetcher
