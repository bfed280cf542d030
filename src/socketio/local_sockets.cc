#include "socketio/local_sockets.h"

#include <iterator>
#include <memory>
#include <utility>

#include "base/json_scanner.h"
#include "socketio/adapter_seat.h"
#include "socketio/guard.h"
#include "socketio/namespace.h"
#include "socketio/namespace_shard.h"
#include "socketio/recovery.h"

namespace trackwire::socketio {
namespace {

template <typename T>
struct Gathering {
  std::vector<T> all;
  size_t missing = 0;
  std::function<void(std::vector<T>)> done;
};

/// Lists that each shard makes become one on a loop.
template <typename T, typename Part, typename Collect>
void Gather(const std::vector<std::unique_ptr<Part>>& parts, NamespaceHold hold,
            net::Loop& reply_on, std::function<void(std::vector<T>)> done, const Collect& collect) {
  auto gathering = std::make_shared<Gathering<T>>();
  gathering->missing = parts.size();
  gathering->done = std::move(done);
  for (const auto& part : parts) {
    RunOn(part->part().shard, [&part = *part, &reply_on, gathering, collect, hold] {
      reply_on.Post([gathering, some = collect(part)]() mutable {
        std::move(some.begin(), some.end(), std::back_inserter(gathering->all));
        if (--gathering->missing == 0) gathering->done(std::move(gathering->all));
      });
    });
  }
}

/// What a broadcast's shards share; touched on the loop that hears the answers only.
struct AckReport {
  LocalSockets::AckHandlers handlers;
  uint64_t clients = 0;
  size_t shards_missing = 0;
};

}  // namespace

void LocalSockets::Emit(const Broadcast& broadcast) {
  Recovery* recovery = nsp_.recovery_;
  if (recovery != nullptr && !broadcast.is_volatile && recovery->Publish(nsp_, broadcast)) return;
  nsp_.Deliver({EncodeDelivery(nsp_.name(), broadcast, {}, nsp_.parser())});
}

void LocalSockets::EmitWithAck(const Broadcast& broadcast, std::chrono::milliseconds timeout,
                               net::Loop& reply_on, AckHandlers handlers) {
  auto report = std::make_shared<AckReport>();
  report->handlers = std::move(handlers);
  report->shards_missing = nsp_.parts_.size();
  const auto shared = std::make_shared<const Broadcast>(broadcast);
  const auto on_end = [&reply_on, report](std::optional<Args> answer) {
    reply_on.Post([report, answer = std::move(answer)]() mutable {
      const AckHandlers& tell = report->handlers;
      if (answer) {
        tell.answered(std::move(*answer));
      } else if (tell.failed) {
        tell.failed();
      }
    });
  };
  for (const auto& part : nsp_.parts_) {
    RunOn(part->part().shard,
          [&part = *part, &reply_on, report, shared, timeout, on_end, hold = nsp_.Hold()] {
            const size_t clients = part.EmitWithAck(*shared, timeout, on_end);
            reply_on.Post([report, clients] {
              report->clients += clients;
              if (--report->shards_missing == 0) report->handlers.asked(report->clients);
            });
          });
  }
}

void LocalSockets::Join(const SocketFilter& filter, const std::vector<std::string>& rooms) {
  for (const auto& part : nsp_.parts_) {
    RunOn(part->part().shard,
          [&part = *part, filter, rooms, hold = nsp_.Hold()] { part.Join(filter, rooms); });
  }
}

void LocalSockets::Leave(const SocketFilter& filter, const std::vector<std::string>& rooms) {
  for (const auto& part : nsp_.parts_) {
    RunOn(part->part().shard,
          [&part = *part, filter, rooms, hold = nsp_.Hold()] { part.Leave(filter, rooms); });
  }
}

void LocalSockets::Disconnect(const SocketFilter& filter, bool close) {
  for (const auto& part : nsp_.parts_) {
    RunOn(part->part().shard,
          [&part = *part, filter, close, hold = nsp_.Hold()] { part.Disconnect(filter, close); });
  }
}

void LocalSockets::Fetch(const SocketFilter& filter, net::Loop& reply_on,
                         std::function<void(std::vector<RemoteSocket>)> done) {
  Gather<RemoteSocket>(nsp_.parts_, nsp_.Hold(), reply_on, std::move(done),
                       [filter](NamespaceShard& part) { return part.Fetch(filter); });
}

void LocalSockets::Rooms(net::Loop& reply_on, std::function<void(std::vector<std::string>)> done) {
  Gather<std::string>(nsp_.parts_, nsp_.Hold(), reply_on, std::move(done),
                      [](const NamespaceShard& part) { return part.AllRooms(); });
}

bool LocalSockets::ServerSide(std::string_view arguments_json, ServerSideAnswer answer) {
  base::JsonArrayReader reader({base::JsonType::kArray, arguments_json});
  const auto name = reader.Next();
  if (!name || !name->is_string()) return false;
  const auto& handlers = nsp_.handlers().server_side;
  const auto handler = handlers.find(base::DecodeJsonString(name->text));
  if (handler == handlers.end()) return false;
  std::string arguments = "[";
  while (const auto argument = reader.Next()) {
    if (arguments.size() > 1) arguments += ',';
    arguments += argument->text;
  }
  arguments += ']';
  Guarded("serverSideEmit", {}, [&] { handler->second(arguments, std::move(answer)); });
  return true;
}

}  // namespace trackwire::socketio
