#include "lobby.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace chat {
namespace {

using trackwire::Err;
using trackwire::Result;

bool IsGoodName(std::string_view name) {
  const auto is_control = [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; };
  return !name.empty() && name.size() <= Lobby::kMaxName && name.front() != ' ' &&
         name.back() != ' ' && std::none_of(name.begin(), name.end(), is_control);
}

int64_t Now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

Lobby::Lobby() : last_id_(static_cast<uint64_t>(Now())) {}

Result<View> Lobby::Enter(const std::string& name, const std::string& room,
                          const std::string& sid) {
  if (!IsGoodName(name)) return Err("bad_name", "A name has 1 to 24 letters.");
  if (!IsGoodName(room)) return Err("bad_room", "A room's name has 1 to 24 letters.");
  const std::lock_guard lock(mutex_);
  if (sids_.count(name) > 0) return Err("name_taken", "Somebody is here by this name.");
  if (rooms_.count(room) == 0 && !MakePlace()) {
    return Err("too_many_rooms", "There are too many rooms.");
  }
  sids_[name] = sid;
  Room& entered = rooms_[room];
  entered.people.insert(name);
  return View{{entered.people.begin(), entered.people.end()},
              {entered.history.begin(), entered.history.end()}};
}

void Lobby::Leave(const std::string& name, const std::string& room) {
  const std::lock_guard lock(mutex_);
  sids_.erase(name);
  const auto left = rooms_.find(room);
  if (left != rooms_.end()) left->second.people.erase(name);
}

Result<Message> Lobby::Say(const std::string& room, const std::string& from, std::string text) {
  const std::lock_guard lock(mutex_);
  auto message = MakeMessage(from, std::move(text));
  if (!message) return message;
  auto& history = rooms_[room].history;
  history.push_back(*message);
  if (history.size() > kMaxHistory) history.pop_front();
  return message;
}

Result<std::pair<Message, std::string>> Lobby::Whisper(const std::string& from,
                                                       const std::string& to, std::string text) {
  const std::lock_guard lock(mutex_);
  const auto found = sids_.find(to);
  if (found == sids_.end()) return Err("not_here", to + " is not here any more.");
  auto message = MakeMessage(from, std::move(text));
  if (!message) return Err(std::move(message.error()));
  return std::pair(std::move(*message), found->second);
}

std::vector<std::string> Lobby::People(const std::string& room) const {
  const std::lock_guard lock(mutex_);
  const auto found = rooms_.find(room);
  if (found == rooms_.end()) return {};
  return {found->second.people.begin(), found->second.people.end()};
}

bool Lobby::MakePlace() {
  if (rooms_.size() < kMaxRooms) return true;
  const auto empty = std::find_if(rooms_.begin(), rooms_.end(),
                                  [](const auto& room) { return room.second.people.empty(); });
  if (empty == rooms_.end()) return false;
  rooms_.erase(empty);
  return true;
}

Result<Message> Lobby::MakeMessage(const std::string& from, std::string text) {
  if (text.empty()) return Err("bad_text", "Nothing was said.");
  if (text.size() > kMaxText) return Err("bad_text", "That is too long.");
  return Message{++last_id_, from, std::move(text), Now()};
}

}  // namespace chat
