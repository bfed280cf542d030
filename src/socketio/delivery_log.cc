#include "socketio/delivery_log.h"

#include <algorithm>
#include <charconv>

namespace trackwire::socketio {
namespace {

size_t SizeOf(const Delivery& delivery) {
  size_t size = sizeof(Delivery);
  if (delivery.with_offset) size += delivery.with_offset->wire().size();
  if (delivery.plain) size += delivery.plain->wire().size();
  for (const auto& frame : delivery.attachments) size += frame->wire().size();
  return size;
}

bool TakeNumber(std::string_view& text, uint64_t& number) {
  if (text.empty() || text[0] != '.') return false;
  const auto parsed = std::from_chars(text.data() + 1, text.data() + text.size(), number);
  if (parsed.ec != std::errc()) return false;
  text.remove_prefix(static_cast<size_t>(parsed.ptr - text.data()));
  return true;
}

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool AnyOf(const std::vector<std::string>& names, const RecoveryRecord& record) {
  if (Contains(names, record.sid)) return true;
  return std::any_of(record.rooms.begin(), record.rooms.end(),
                     [&](const std::string& room) { return Contains(names, room); });
}

}  // namespace

std::string LogPosition::ToOffset(std::string_view epoch) const {
  std::string offset(epoch);
  offset += '.';
  offset += std::to_string(broadcast);
  if (event > 0) {
    offset += '.';
    offset += std::to_string(event);
  }
  return offset;
}

std::optional<LogPosition> LogPosition::Parse(std::string_view offset, std::string_view epoch) {
  if (offset.substr(0, epoch.size()) != epoch) return std::nullopt;
  offset.remove_prefix(epoch.size());
  LogPosition position;
  if (!TakeNumber(offset, position.broadcast)) return std::nullopt;
  if (!offset.empty() && !TakeNumber(offset, position.event)) return std::nullopt;
  if (!offset.empty()) return std::nullopt;
  return position;
}

void DeliveryLog::Append(LogPosition position, std::shared_ptr<const Delivery> delivery,
                         Steady::time_point now, const Limits& limits) {
  bytes_ += SizeOf(*delivery);
  entries_.push_back({position, now, std::move(delivery)});
  Trim(now, limits);
}

void DeliveryLog::Trim(Steady::time_point now, const Limits& limits) {
  while (!entries_.empty() &&
         (entries_.size() > limits.max_deliveries || bytes_ > limits.max_bytes ||
          entries_.front().at + limits.max_age < now)) {
    bytes_ -= SizeOf(*entries_.front().delivery);
    trimmed_to_ = entries_.front().position;
    entries_.pop_front();
  }
}

std::deque<DeliveryLog::Entry>::const_iterator DeliveryLog::After(LogPosition position) const {
  return std::upper_bound(
      entries_.begin(), entries_.end(), position,
      [](LogPosition wanted, const Entry& entry) { return wanted < entry.position; });
}

bool Addresses(const Delivery& delivery, const RecoveryRecord& record) {
  if (!delivery.socket_sid.empty() && delivery.socket_sid != record.sid) return false;
  if (!delivery.rooms.empty() && !AnyOf(delivery.rooms, record)) return false;
  return delivery.except.empty() || !AnyOf(delivery.except, record);
}

}  // namespace trackwire::socketio
