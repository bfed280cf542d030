#include "notify/session_book.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "net/timer.h"
#include "net/timer_wheel.h"
#include "notify/session_record.h"
#include "notify/user_session.h"

namespace trackwire::notify {
namespace {

/// Records renewed in one go, at least.
constexpr size_t kLeastAtOnce = 100;

constexpr std::string_view kWebSocket = "websocket";
constexpr std::string_view kPolling = "polling";

}  // namespace

/// What one shard has still to write. Its thread only.
struct SessionBook::Page {
  Page(SessionBook& b, net::Shard& s)
      : book(b),
        shard(s),
        step([](void* self) { OnStep(*static_cast<Page*>(self)); }, this) {}

  static void OnStep(Page& page) { page.book.Step(page); }

  SessionBook& book;
  net::Shard& shard;
  std::vector<socketio::SocketRef> round;  ///< those whose turn is still to come
  size_t at_once = 0;
  Steady::time_point next_round{};
  net::Timer step;
};

SessionBook::SessionBook(broker::Broker& broker, socketio::Namespace& nsp, OwnerLine& line,
                         Options options)
    : broker_(broker), nsp_(nsp), line_(line), options_(std::move(options)) {
  for (net::Shard* shard : nsp.shards()) pages_.push_back(std::make_unique<Page>(*this, *shard));
  line_.On(OwnerLine::Word::kEnd, [this](socketio::SocketRef ref) { End(ref); });
}

SessionBook::~SessionBook() = default;

void SessionBook::Open(socketio::Socket& socket) {
  Page& page = *pages_[socket.shard().index()];
  if (!page.step.armed()) {
    page.next_round = socket.shard().now() + options_.renew_every;
    page.step.Start(socket.shard().timers(), options_.step);
  }
  Save(socket);
}

void SessionBook::Save(socketio::Socket& socket) {
  UserSession* session = FindSession(socket);
  if (session != nullptr && socket.connected()) Write(socket, *session);
}

void SessionBook::Write(socketio::Socket& socket, UserSession& session) {
  if (socket.connected()) session.written_websocket = socket.transport() == kWebSocket;
  SessionValue value;
  value.identity = session.identity();
  value.address = session.address;
  value.transport = session.written_websocket ? kWebSocket : kPolling;
  value.gateway = options_.gateway;
  value.connected_at = session.connected_at;
  if (session.find_rest() != nullptr) {
    value.selection_json = session.find_rest()->choices.ToJson();
  }
  broker::SessionRecord record;
  record.key = socket.sid();
  record.proof = socket.pid().empty() ? std::string(kNoProof)
                                      : ProofOf(SplitPid(socket.pid()).secret,
                                                session.identity().Fingerprint());
  record.owner = line_.NameOf(socket.ref());
  record.value = EncodeSessionValue(value);
  broker_.sessions().Save(std::move(record));
}

void SessionBook::Close(socketio::Socket& socket, socketio::DisconnectReason reason) {
  UserSession* session = FindSession(socket);
  if (session == nullptr) return;
  if (socket.pid().empty()) return Release(socket.sid(), socket.ref(), false);
  // Recovery releases it after this. Even unchanged: storage may have lost the record of a client
  // that was here for long.
  if (socketio::IsRecoverable(reason)) Write(socket, *session);
}

void SessionBook::Release(const std::string& sid, const socketio::SocketRef& owner,
                          bool recoverable) {
  if (recoverable) {
    broker_.sessions().Expire(sid, line_.NameOf(owner), options_.window);
  } else {
    broker_.sessions().Remove(sid, line_.NameOf(owner));
  }
}

void SessionBook::Step(Page& page) {
  const Steady::time_point now = page.shard.now();
  if (page.round.empty() && now >= page.next_round) {
    page.round = nsp_.Sockets(page.shard);
    page.next_round = now + options_.renew_every;
    const auto steps = std::max<size_t>(1, static_cast<size_t>(options_.renew_every / options_.step));
    page.at_once = std::max(kLeastAtOnce, page.round.size() / steps + 1);
  }
  if (!page.round.empty()) {
    const size_t count = std::min(page.at_once, page.round.size());
    const auto from = page.round.end() - static_cast<std::ptrdiff_t>(count);
    const std::vector<socketio::SocketRef> some(from, page.round.end());
    page.round.erase(from, page.round.end());
    Renew(page.shard, some);
  }
  page.step.Start(page.shard.timers(), options_.step);
}

void SessionBook::Renew(net::Shard& shard, const std::vector<socketio::SocketRef>& sockets) {
  auto held = std::make_shared<std::unordered_map<std::string, socketio::SocketRef>>();
  std::vector<broker::SessionTouch> touches;
  for (const socketio::SocketRef& ref : sockets) {
    socketio::Socket* socket = nsp_.Find(shard, ref);
    UserSession* session = socket == nullptr ? nullptr : FindSession(*socket);
    if (session == nullptr || !socket->connected()) continue;
    // An upgrade alone is not worth a command of its own; writing renews, too.
    if (session->written_websocket != (socket->transport() == kWebSocket)) {
      Write(*socket, *session);
      continue;
    }
    touches.push_back({socket->sid(), line_.NameOf(ref)});
    held->emplace(socket->sid(), ref);
  }
  if (touches.empty()) return;
  broker_.sessions().Touch(
      std::move(touches),
      [this, held](const std::vector<std::string>& lost) {
        for (const std::string& sid : lost) LetGo(sid, held->at(sid));
      },
      [this, held](const std::vector<std::string>& missing) {
        for (const std::string& sid : missing) {
          counters_.anew.fetch_add(1, std::memory_order_relaxed);
          nsp_.WithSocket(held->at(sid), [this](socketio::Socket& socket) { Save(socket); });
        }
      });
}

void SessionBook::LetGo(const std::string& sid, const socketio::SocketRef& ref) {
  counters_.lost.fetch_add(1, std::memory_order_relaxed);
  broker_.sessions().Find(sid, [this, ref](Result<std::optional<broker::SessionEntry>> found) {
    // Who has it elsewhere shall come back there; whose session was ended shall not.
    if (found && !found->has_value()) return End(ref);
    nsp_.WithSocket(ref, [](socketio::Socket& socket) { socket.CloseConnection(); });
  });
}

void SessionBook::End(const socketio::SocketRef& ref) {
  nsp_.WithSocket(ref, [this](socketio::Socket& socket) {
    counters_.ended.fetch_add(1, std::memory_order_relaxed);
    socket.Disconnect(true);
  });
}

}  // namespace trackwire::notify
