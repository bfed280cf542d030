// What a classic adapter does when other servers ask.
#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>

#include "net/loop.h"
#include "socketio/adapters/classic_adapter.h"
#include "socketio/local_sockets.h"

namespace trackwire::socketio {

bool ClassicAdapter::MayBegin() {
  if (answering_ >= options_.max_under_way) {
    ++counters_.dropped;
    return false;
  }
  ++answering_;
  return true;
}

void ClassicAdapter::Answer(const ClassicRequest& request) {
  switch (request.type) {
    case ClassicRequestType::kSockets:
    case ClassicRequestType::kFetch:
      return AnswerSockets(request);
    case ClassicRequestType::kAllRooms:
      return AnswerRooms(request);
    case ClassicRequestType::kJoin:
    case ClassicRequestType::kLeave:
    case ClassicRequestType::kDisconnect:
      return ChangeSockets(request);
    case ClassicRequestType::kServerSideEmit:
      return HearServerSide(request);
    case ClassicRequestType::kBroadcast:
      return AnswerBroadcast(request);
  }
}

void ClassicAdapter::Respond(const ClassicRequest& request, std::string response) {
  const bool own = options_.answer_on_own_channel && !request.uid.empty();
  Send(own ? response_channel_ + request.uid + "#" : response_channel_, std::move(response));
}

void ClassicAdapter::AnswerSockets(const ClassicRequest& request) {
  if (!MayBegin()) return;
  nsp_.local().Fetch(request.filter, loop(),
                     [life = Life(life_), request](const std::vector<RemoteSocket>& sockets) {
                       const auto self = life.lock();
                       if (self == nullptr) return;
                       --(*self)->answering_;
                       if (request.type == ClassicRequestType::kFetch) {
                         return (*self)->Respond(request,
                                                 EncodeClassicSockets(request.request_id, sockets));
                       }
                       std::vector<std::string> sids;
                       for (const RemoteSocket& socket : sockets) sids.push_back(socket.sid);
                       (*self)->Respond(request, EncodeClassicSids(request.request_id, sids));
                     });
}

void ClassicAdapter::AnswerRooms(const ClassicRequest& request) {
  if (!MayBegin()) return;
  nsp_.local().Rooms(loop(), [life = Life(life_), request](std::vector<std::string> rooms) {
    const auto self = life.lock();
    if (self == nullptr) return;
    --(*self)->answering_;
    // Each shard has rooms of its own, often of the same names.
    std::sort(rooms.begin(), rooms.end());
    rooms.erase(std::unique(rooms.begin(), rooms.end()), rooms.end());
    (*self)->Respond(request, EncodeClassicRooms(request.request_id, rooms));
  });
}

void ClassicAdapter::ChangeSockets(const ClassicRequest& request) {
  if (request.sid.empty()) return ApplyChange(request, request.filter);
  ChangeOneSocket(request);
}

void ClassicAdapter::ApplyChange(const ClassicRequest& request, const SocketFilter& filter) {
  if (request.type == ClassicRequestType::kJoin) nsp_.local().Join(filter, request.rooms);
  if (request.type == ClassicRequestType::kLeave) nsp_.local().Leave(filter, request.rooms);
  if (request.type == ClassicRequestType::kDisconnect) {
    nsp_.local().Disconnect(filter, request.close);
  }
}

/// The server that has the socket answers, the others keep silent.
void ClassicAdapter::ChangeOneSocket(const ClassicRequest& request) {
  if (!MayBegin()) return;
  const SocketFilter filter{{request.sid}, {}};
  nsp_.local().Fetch(
      filter, loop(),
      [life = Life(life_), request, filter](const std::vector<RemoteSocket>& sockets) {
        const auto self = life.lock();
        if (self == nullptr) return;
        --(*self)->answering_;
        const bool here =
            std::any_of(sockets.begin(), sockets.end(),
                        [&](const RemoteSocket& socket) { return socket.sid == request.sid; });
        if (!here) return;
        (*self)->ApplyChange(request, filter);
        if (request.request_id.empty()) return;
        (*self)->Respond(request, EncodeClassicDone(request.request_id));
      });
}

void ClassicAdapter::HearServerSide(const ClassicRequest& request) {
  ServerSideAnswer answer;
  if (!request.request_id.empty()) {
    const auto answered = std::make_shared<std::atomic<bool>>(false);
    answer = [life = Life(life_), &loop = loop(), answered,
              id = request.request_id](std::string json) {
      if (answered->exchange(true)) return;
      loop.Post([life, id, json = std::move(json)] {
        const auto self = life.lock();
        if (self == nullptr) return;
        (*self)->Send((*self)->response_channel_, EncodeClassicServerSideAnswer(id, json));
      });
    };
  }
  if (!nsp_.local().ServerSide(request.arguments_json, std::move(answer))) ++counters_.ignored;
}

void ClassicAdapter::AnswerBroadcast(const ClassicRequest& request) {
  if (request.nsp != nsp_.name()) {
    ++counters_.ignored;
    return;
  }
  if (!MayBegin()) return;
  struct Round {
    uint64_t open = 0;
    bool asked = false;
  };
  const auto round = std::make_shared<Round>();
  // Answers may come before all shards have told how many they asked.
  const auto ended = [life = Life(life_), round](int64_t more) {
    round->open += static_cast<uint64_t>(more);
    const auto self = life.lock();
    if (self != nullptr && round->asked && round->open == 0) --(*self)->answering_;
  };
  const auto respond = [life = Life(life_), request](std::string response) {
    if (const auto self = life.lock()) (*self)->Respond(request, std::move(response));
  };
  LocalSockets::AckHandlers handlers;
  handlers.asked = [round, ended, respond, id = request.request_id](uint64_t clients) {
    round->asked = true;
    respond(EncodeClassicClientCount(id, clients));
    ended(static_cast<int64_t>(clients));
  };
  handlers.answered = [ended, respond, id = request.request_id](const Args& answer) {
    respond(EncodeClassicAck(id, answer));
    ended(-1);
  };
  handlers.failed = [ended] { ended(-1); };
  auto timeout = request.timeout;
  if (timeout <= std::chrono::milliseconds(0)) timeout = options_.request_timeout;
  nsp_.local().EmitWithAck(request.broadcast, std::min(timeout, options_.max_ack_timeout), loop(),
                           std::move(handlers));
}

}  // namespace trackwire::socketio
