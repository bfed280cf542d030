#include "notify/session_index.h"

namespace trackwire::notify {
namespace {

constexpr int kGenerationBits = 32;

uint64_t KeyOf(const socketio::SocketRef& ref) {
  return (uint64_t{ref.slot} << kGenerationBits) | ref.generation;
}

socketio::SocketRef RefOf(uint16_t shard, uint64_t key) {
  return {shard, static_cast<uint32_t>(key >> kGenerationBits), static_cast<uint32_t>(key)};
}

}  // namespace

void SocketIndex::Add(const std::string& name, const socketio::SocketRef& ref) {
  sockets_[name].insert(KeyOf(ref));
}

void SocketIndex::Remove(const std::string& name, const socketio::SocketRef& ref) {
  const auto found = sockets_.find(name);
  if (found == sockets_.end()) return;
  found->second.erase(KeyOf(ref));
  if (found->second.empty()) sockets_.erase(found);
}

std::vector<socketio::SocketRef> SocketIndex::Of(const std::string& name, uint16_t shard) const {
  std::vector<socketio::SocketRef> refs;
  const auto found = sockets_.find(name);
  if (found == sockets_.end()) return refs;
  refs.reserve(found->second.size());
  for (const uint64_t key : found->second) refs.push_back(RefOf(shard, key));
  return refs;
}

void SessionIndex::Add(const UserSession& session, const socketio::SocketRef& ref) {
  if (session.deadline) deadlines_.emplace(*session.deadline, KeyOf(ref));
  if (!session.identity().authenticated) return;
  by_token_.Add(session.identity().token_id, ref);
  if (!session.identity().user.empty()) by_user_.Add(session.identity().user, ref);
}

void SessionIndex::Remove(const UserSession& session, const socketio::SocketRef& ref) {
  if (session.deadline) deadlines_.erase({*session.deadline, KeyOf(ref)});
  if (!session.identity().authenticated) return;
  by_token_.Remove(session.identity().token_id, ref);
  if (!session.identity().user.empty()) by_user_.Remove(session.identity().user, ref);
}

std::vector<socketio::SocketRef> SessionIndex::OfUser(const std::string& user) const {
  return by_user_.Of(user, shard_);
}

std::vector<socketio::SocketRef> SessionIndex::OfToken(const std::string& token_id) const {
  return by_token_.Of(token_id, shard_);
}

std::optional<WallTime> SessionIndex::NextDeadline() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

std::vector<socketio::SocketRef> SessionIndex::Due(WallTime now, size_t max) const {
  std::vector<socketio::SocketRef> due;
  for (const auto& [time, key] : deadlines_) {
    if (time > now || due.size() == max) break;
    due.push_back(RefOf(shard_, key));
  }
  return due;
}

}  // namespace trackwire::notify
