#include "socketio/room_index.h"

namespace trackwire::socketio {

size_t RoomIndex::SeatOf(const RoomMember& member, const Room& room) {
  if (member.lookup_ != nullptr) {
    const auto found = member.lookup_->find(&room);
    return found == member.lookup_->end() ? kNoSeat : found->second;
  }
  for (size_t seat = 0; seat < member.seats_.size(); ++seat) {
    if (member.seats_[seat].room == &room) return seat;
  }
  return kNoSeat;
}

bool RoomIndex::Join(RoomMember& member, std::string_view name) {
  auto found = rooms_.find(name);
  if (found == rooms_.end()) {
    found = rooms_.emplace(std::string(name), Room()).first;
    found->second.name_ = &found->first;
  }
  Room& room = found->second;
  if (SeatOf(member, room) != kNoSeat) return false;
  const auto seat = static_cast<uint32_t>(member.seats_.size());
  member.seats_.push_back({&room, static_cast<uint32_t>(room.members_.size())});
  room.members_.push_back({&member, seat});
  if (member.lookup_ != nullptr) {
    member.lookup_->emplace(&room, seat);
  } else if (member.seats_.size() > kSearchable) {
    member.lookup_ = std::make_unique<RoomMember::Lookup>();
    for (uint32_t i = 0; i <= seat; ++i) member.lookup_->emplace(member.seats_[i].room, i);
  }
  return true;
}

bool RoomIndex::Leave(RoomMember& member, std::string_view name) {
  const auto found = rooms_.find(name);
  if (found == rooms_.end()) return false;
  const size_t seat = SeatOf(member, found->second);
  if (seat == kNoSeat) return false;
  LeaveSeat(member, seat);
  return true;
}

void RoomIndex::LeaveAll(RoomMember& member) {
  while (!member.seats_.empty()) LeaveSeat(member, member.seats_.size() - 1);
  member.lookup_.reset();
}

/// Fills both gaps, in the room's list and in the member's, with the last of the list.
void RoomIndex::LeaveSeat(RoomMember& member, size_t seat) {
  Room& room = *member.seats_[seat].room;
  const uint32_t place = member.seats_[seat].place;
  const Room::Place moved = room.members_.back();
  room.members_[place] = moved;
  moved.member->seats_[moved.seat].place = place;
  room.members_.pop_back();

  if (member.lookup_ != nullptr) member.lookup_->erase(&room);
  const RoomMember::Seat last = member.seats_.back();
  member.seats_[seat] = last;
  member.seats_.pop_back();
  if (seat < member.seats_.size()) {
    last.room->members_[last.place].seat = static_cast<uint32_t>(seat);
    if (member.lookup_ != nullptr) (*member.lookup_)[last.room] = static_cast<uint32_t>(seat);
  }
  if (room.members_.empty()) rooms_.erase(rooms_.find(room.name()));
}

bool RoomIndex::Contains(const RoomMember& member, std::string_view name) const {
  const Room* room = Find(name);
  return room != nullptr && SeatOf(member, *room) != kNoSeat;
}

std::vector<std::string> RoomIndex::RoomsOf(const RoomMember& member) const {
  std::vector<std::string> names;
  names.reserve(member.seats_.size());
  for (const RoomMember::Seat& seat : member.seats_) names.push_back(seat.room->name());
  return names;
}

std::vector<std::string> RoomIndex::Names() const {
  std::vector<std::string> names;
  names.reserve(rooms_.size());
  for (const auto& [name, room] : rooms_) names.push_back(name);
  return names;
}

const Room* RoomIndex::Find(std::string_view name) const {
  const auto found = rooms_.find(name);
  return found == rooms_.end() ? nullptr : &found->second;
}

}  // namespace trackwire::socketio
