#include "notify/owner_line.h"

#include <charconv>
#include <utility>

#include "base/text.h"

namespace trackwire::notify {
namespace {

/// What a process hears, by the name of its run: owners of its own, one alone to let go of, one
/// behind this word to end.
constexpr const char* kChannel = "socket:gateway:";
constexpr std::string_view kEndWord = "end ";

constexpr char kSeparator = '/';
constexpr size_t kRunBytes = 9;

}  // namespace

OwnerLine::OwnerLine(broker::Broker& broker, socketio::Namespace& nsp)
    : broker_(broker), nsp_(nsp), run_(base::Base64UrlEncode(base::RandomBytes(kRunBytes))) {}

std::string OwnerLine::NameOf(const socketio::SocketRef& ref) const {
  return run_ + kSeparator + std::to_string(ref.shard) + "." + std::to_string(ref.slot) + "." +
         std::to_string(ref.generation);
}

std::optional<socketio::SocketRef> OwnerLine::OwnSocket(std::string_view owner) const {
  if (owner.substr(0, run_.size()) != run_ || owner.size() <= run_.size()) return std::nullopt;
  uint32_t parts[3] = {};
  const char* at = owner.data() + run_.size();
  const char* end = owner.data() + owner.size();
  for (uint32_t& part : parts) {
    if (at == end) return std::nullopt;
    const auto [rest, error] = std::from_chars(at + 1, end, part);
    if (error != std::errc()) return std::nullopt;
    at = rest;
  }
  if (at != end || parts[0] >= nsp_.shards().size()) return std::nullopt;
  return socketio::SocketRef{static_cast<uint16_t>(parts[0]), parts[1], parts[2]};
}

void OwnerLine::Tell(const std::string& owner, Word word) {
  const size_t end = owner.find(kSeparator);
  const std::string run = owner.substr(0, end);
  if (end == std::string::npos || run == run_) return;
  std::string message = word == Word::kEnd ? std::string(kEndWord) : std::string();
  broker_.pub_sub().Publish(kChannel + run, message + owner);
}

void OwnerLine::On(Word word, Handler handler) {
  (word == Word::kEnd ? on_end_ : on_let_go_) = std::move(handler);
}

void OwnerLine::Listen() {
  hearing_ = broker_.pub_sub().Subscribe(kChannel + run_,
                                         [this](std::string_view message) { Hear(message); });
}

void OwnerLine::Hear(std::string_view message) {
  const bool end = message.starts_with(kEndWord);
  const auto socket = OwnSocket(end ? message.substr(kEndWord.size()) : message);
  if (!socket) return;
  const Handler& handler = end ? on_end_ : on_let_go_;
  if (handler) handler(*socket);
}

}  // namespace trackwire::notify
