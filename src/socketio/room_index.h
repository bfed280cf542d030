#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace trackwire::socketio {

class RoomMember;

/// Lets maps with string keys be asked by views.
struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

/// The members of one room, in no particular order.
class Room {
 public:
  const std::string& name() const { return *name_; }
  size_t size() const { return members_.size(); }
  RoomMember& member(size_t index) const { return *members_[index].member; }

 private:
  friend class RoomIndex;
  struct Place {
    RoomMember* member;
    uint32_t seat;  // of this room in the member's list
  };

  const std::string* name_ = nullptr;  // the key in the index
  std::vector<Place> members_;
};

/// Something that can be in rooms; keeps where, so that leaving needs no search.
class RoomMember {
 public:
  RoomMember() = default;
  RoomMember(const RoomMember&) = delete;
  RoomMember& operator=(const RoomMember&) = delete;

 protected:
  ~RoomMember() = default;

 private:
  friend class RoomIndex;
  struct Seat {
    Room* room;
    uint32_t place;  // in the room's list
  };
  using Lookup = std::unordered_map<const Room*, uint32_t>;

  std::vector<Seat> seats_;
  std::unique_ptr<Lookup> lookup_;  // once there are many: room to seat
  uint64_t mark_ = 0;
};

/// Who is in which room, on one shard.
///
/// Joining and leaving take constant time. A room exists while it has members. Belongs to its
/// shard's thread.
class RoomIndex {
 public:
  /// False when the member was in the room already.
  bool Join(RoomMember& member, std::string_view room);
  /// False when the member was not in the room.
  bool Leave(RoomMember& member, std::string_view room);
  /// Needed before a member is destroyed.
  void LeaveAll(RoomMember& member);

  bool Contains(const RoomMember& member, std::string_view room) const;
  std::vector<std::string> RoomsOf(const RoomMember& member) const;
  /// Nothing when nobody is in it. Valid until the room changes.
  const Room* Find(std::string_view room) const;
  size_t room_count() const { return rooms_.size(); }
  std::vector<std::string> Names() const;

  /// Starts a new round of marks, in which nobody is marked.
  void NewRound() { ++round_; }
  /// Marks the member; false when it was marked in this round before.
  bool Mark(RoomMember& member) const {
    if (member.mark_ == round_) return false;
    member.mark_ = round_;
    return true;
  }
  bool Marked(const RoomMember& member) const { return member.mark_ == round_; }

 private:
  static constexpr size_t kSearchable = 16;
  static constexpr size_t kNoSeat = SIZE_MAX;

  static size_t SeatOf(const RoomMember& member, const Room& room);
  void LeaveSeat(RoomMember& member, size_t seat);

  std::unordered_map<std::string, Room, StringHash, std::equal_to<>> rooms_;
  uint64_t round_ = 0;
};

}  // namespace trackwire::socketio
