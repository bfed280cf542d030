#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "broker/broker.h"
#include "socketio/namespace.h"

namespace trackwire::notify {

/// Names this process's sockets as owners of session records, and tells the processes of other owners
/// what became of theirs.
///
/// An owner is `<run>/<shard>.<slot>.<generation>`; a run is a random word, another one for each start.
/// Whoever takes a record away from an owner tells the owner's process, once and without an answer:
/// what gets lost is found when the record is renewed (SessionBook).
class OwnerLine {
 public:
  enum class Word {
    kLetGo,  ///< somebody else has the record now: the client itself, over another connection
    kEnd,    ///< an administrator has ended the session
  };
  /// On the broker's loop. The socket may be gone.
  using Handler = std::function<void(socketio::SocketRef)>;

  /// Both outlive it.
  OwnerLine(broker::Broker& broker, socketio::Namespace& nsp);

  /// Any thread.
  std::string NameOf(const socketio::SocketRef& ref) const;
  /// Any thread. The socket of this process that `owner` names; nothing when it is another's, or
  /// no name at all.
  std::optional<socketio::SocketRef> OwnSocket(std::string_view owner) const;
  /// Any thread. To another process; nothing happens when `owner` is of this one.
  void Tell(const std::string& owner, Word word);

  /// Before Listen().
  void On(Word word, Handler handler);
  /// The broker's loop: begins to hear what others tell this process.
  void Listen();
  /// The broker's loop, before the broker ends: hears no more.
  void Deafen() { hearing_.reset(); }

 private:
  void Hear(std::string_view message);

  broker::Broker& broker_;
  socketio::Namespace& nsp_;
  const std::string run_;
  Handler on_let_go_;
  Handler on_end_;
  std::unique_ptr<broker::PubSub::Subscription> hearing_;
};

}  // namespace trackwire::notify
