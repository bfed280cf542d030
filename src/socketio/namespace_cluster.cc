// What a namespace does in all servers: the local part, and the adapter's for the others.
#include <iterator>
#include <utility>

#include "socketio/adapter_seat.h"
#include "socketio/namespace.h"
#include "socketio/namespace_shard.h"

namespace trackwire::socketio {

template <typename Call>
bool Namespace::WithAdapter(Call call) const {
  if (seat() == nullptr) return false;
  seat_->loop.Post([seat = seat_, call = std::move(call)]() mutable {
    if (seat->adapter != nullptr) call(*seat->adapter);
  });
  return true;
}

net::Shard& Namespace::HomeOfCaller() const {
  for (net::Shard* shard : shards_) {
    if (shard->InThread()) return *shard;
  }
  return *shards_.front();
}

void Namespace::Emit(std::string_view event, const Args& args, std::vector<std::string> rooms,
                     std::vector<std::string> except) {
  Broadcast broadcast{std::string(event), args, std::move(rooms), std::move(except)};
  Emit(broadcast);
}

void Namespace::Emit(const Broadcast& broadcast) {
  const AdapterSeat* seated = broadcast.local_only ? nullptr : seat();
  if (seated == nullptr || !seated->broadcasts_locally) local_.Emit(broadcast);
  if (seated == nullptr) return;
  WithAdapter([broadcast](Adapter& adapter) { adapter.Broadcast(broadcast); });
}

void Namespace::EmitWithAck(const Broadcast& broadcast, std::chrono::milliseconds timeout,
                            std::function<void(BroadcastAcks)> done) {
  net::Shard& home = HomeOfCaller();
  RunOn(home, [this, &home, broadcast, timeout, done = std::move(done), hold = Hold()] {
    NamespaceShard& part = Part(home);
    // Held as long as the round, and by whoever reports to it.
    const uint64_t round = part.ack_rounds().Begin(
        timeout, [done, hold](BroadcastAcks acks) { done(std::move(acks)); });
    LocalSockets::AckHandlers here;
    here.asked = [&part, round, hold](uint64_t n) { part.ack_rounds().AddServer(round, n); };
    here.answered = [&part, round, hold](Args a) {
      part.ack_rounds().AddAnswer(round, std::move(a));
    };
    here.failed = [&part, round, hold] { part.ack_rounds().AddFailure(round); };
    if (broadcast.local_only || seat() == nullptr) {
      part.ack_rounds().SetServers(round, 1);
      return local_.EmitWithAck(broadcast, timeout, home, std::move(here));
    }
    local_.EmitWithAck(broadcast, timeout, home, std::move(here));
    WithAdapter([&home, &part, round, broadcast, timeout, hold](Adapter& adapter) {
      adapter.BroadcastWithAck(
          broadcast, timeout,
          [&home, &part, round, hold](uint64_t clients) {
            home.Post(
                [&part, round, clients, hold] { part.ack_rounds().AddServer(round, clients); });
          },
          [&home, &part, round, hold](Args answer) {
            home.Post([&part, round, answer = std::move(answer), hold]() mutable {
              part.ack_rounds().AddAnswer(round, std::move(answer));
            });
          });
      adapter.ServerCount([&home, &part, round, hold](Result<uint64_t> count) {
        if (!count) return;
        home.Post(
            [&part, round, count = *count, hold] { part.ack_rounds().SetServers(round, count); });
      });
    });
  });
}

void Namespace::SocketsJoin(const SocketFilter& filter, const std::vector<std::string>& rooms) {
  const AdapterSeat* seated = seat();
  if (seated == nullptr || !seated->broadcasts_locally) local_.Join(filter, rooms);
  WithAdapter([filter, rooms](Adapter& adapter) { adapter.SocketsJoin(filter, rooms); });
}

void Namespace::SocketsLeave(const SocketFilter& filter, const std::vector<std::string>& rooms) {
  const AdapterSeat* seated = seat();
  if (seated == nullptr || !seated->broadcasts_locally) local_.Leave(filter, rooms);
  WithAdapter([filter, rooms](Adapter& adapter) { adapter.SocketsLeave(filter, rooms); });
}

void Namespace::DisconnectSockets(const SocketFilter& filter, bool close) {
  const AdapterSeat* seated = seat();
  // The others first: who ends here may be the caller's own socket.
  WithAdapter([filter, close](Adapter& adapter) { adapter.DisconnectSockets(filter, close); });
  if (seated == nullptr || !seated->broadcasts_locally) local_.Disconnect(filter, close);
}

void Namespace::FetchSockets(const SocketFilter& filter,
                             std::function<void(Result<std::vector<RemoteSocket>>)> done) {
  net::Shard& home = HomeOfCaller();
  const auto on_local = [this, &home, filter, hold = Hold(),
                         done = std::move(done)](std::vector<RemoteSocket> here) mutable {
    if (seat() == nullptr) return done(std::move(here));
    WithAdapter(
        [&home, filter, done = std::move(done), here = std::move(here)](Adapter& adapter) mutable {
          auto finish = [&home, done = std::move(done),
                         here = std::move(here)](Result<std::vector<RemoteSocket>> others) mutable {
            if (others) {
              here.insert(here.end(), std::make_move_iterator(others->begin()),
                          std::make_move_iterator(others->end()));
              others = std::move(here);
            }
            home.Post([done = std::move(done), others = std::move(others)]() mutable {
              done(std::move(others));
            });
          };
          adapter.FetchSockets(filter, std::move(finish));
        });
  };
  local_.Fetch(filter, home, on_local);
}

void Namespace::ServerSideEmitJson(std::string arguments_json,
                                   std::function<void(ServerAnswers)> done) {
  net::Shard& home = HomeOfCaller();
  const bool alone = seat() == nullptr;
  if (alone) {
    if (done) home.Post([done = std::move(done)] { done({}); });
    return;
  }
  std::function<void(ServerAnswers)> reply;
  if (done) {
    reply = [&home, done = std::move(done)](ServerAnswers answers) {
      home.Post([done, answers = std::move(answers)]() mutable { done(std::move(answers)); });
    };
  }
  WithAdapter(
      [arguments = std::move(arguments_json), reply = std::move(reply)](Adapter& adapter) mutable {
        adapter.ServerSideEmit(arguments, std::move(reply));
      });
}

void Namespace::ServerCount(std::function<void(Result<uint64_t>)> done) {
  net::Shard& home = HomeOfCaller();
  if (seat() == nullptr) {
    return home.Post([done = std::move(done)] { done(uint64_t{1}); });
  }
  WithAdapter([&home, done = std::move(done)](Adapter& adapter) mutable {
    adapter.ServerCount([&home, done = std::move(done)](Result<uint64_t> count) {
      home.Post([done, count = std::move(count)] { done(count); });
    });
  });
}

}  // namespace trackwire::socketio
