#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "notify/user_session.h"
#include "socketio/socket.h"

namespace trackwire::notify {

/// The sockets of one shard by a name: of a user, of a token. Its thread only.
class SocketIndex {
 public:
  void Add(const std::string& name, const socketio::SocketRef& ref);
  void Remove(const std::string& name, const socketio::SocketRef& ref);
  std::vector<socketio::SocketRef> Of(const std::string& name, uint16_t shard) const;
  size_t size() const { return sockets_.size(); }

 private:
  std::unordered_map<std::string, std::unordered_set<uint64_t>> sockets_;
};

/// What has to be found again of the sessions of one shard: those of a user, of a token, and those
/// whose time is over. Its thread only; as large as the sessions that are open.
class SessionIndex {
 public:
  explicit SessionIndex(uint16_t shard) : shard_(shard) {}

  /// What is said of a session here must be the same when it is removed.
  void Add(const UserSession& session, const socketio::SocketRef& ref);
  void Remove(const UserSession& session, const socketio::SocketRef& ref);

  std::vector<socketio::SocketRef> OfUser(const std::string& user) const;
  std::vector<socketio::SocketRef> OfToken(const std::string& token_id) const;
  /// The earliest deadline.
  std::optional<WallTime> NextDeadline() const;
  /// At most `max` whose deadline has come, the earliest first.
  std::vector<socketio::SocketRef> Due(WallTime now, size_t max) const;
  size_t deadlines() const { return deadlines_.size(); }
  size_t users() const { return by_user_.size(); }

 private:
  uint16_t shard_;
  SocketIndex by_user_;
  SocketIndex by_token_;
  std::set<std::pair<WallTime, uint64_t>> deadlines_;
};

}  // namespace trackwire::notify
