#include "notify/log_break.h"

#include <algorithm>
#include <atomic>
#include <limits>

#include "base/log.h"
#include "net/shard.h"
#include "net/timer_wheel.h"

namespace trackwire::notify {
namespace {

constexpr std::chrono::milliseconds kStep{100};
constexpr uint32_t kStepsASecond = 10;

}  // namespace

/// Those of one shard who are still to go. All but `done` is the shard's.
struct LogBreak::Leaving {
  net::Shard* shard = nullptr;
  std::vector<socketio::SocketRef> sockets;
  std::atomic<bool> done{false};
};

LogBreak::LogBreak(net::Loop& loop, broker::Broker& broker, socketio::Namespace& nsp,
                   uint32_t per_second)
    : loop_(loop),
      broker_(broker),
      nsp_(nsp),
      per_second_(per_second),
      step_([](void* self) { static_cast<LogBreak*>(self)->Step(); }, this) {}

LogBreak::~LogBreak() = default;

void LogBreak::Watch(std::function<void()> on_break) {
  on_break_ = std::move(on_break);
  broker_.log().OnBreak([this] { OnBreak(); });
}

void LogBreak::OnBreak() {
  ++breaks_;
  if (on_break_) on_break_();
  const std::string offset = broker_.log().tail_offset().ToString();
  base::LogError("notify", "the notification log was lost or trimmed: clients start anew",
                 {{"offset", offset}});
  // Who connects from now on begins where the log is now.
  auto marker = std::make_shared<socketio::Delivery>();
  marker->offset = offset;
  nsp_.Deliver({std::move(marker)});
  Collect();
  Step();
}

void LogBreak::Collect() {
  leaving_.clear();
  for (net::Shard* shard : nsp_.shards()) {
    auto leaving = std::make_shared<Leaving>();
    leaving->shard = shard;
    leaving_.push_back(leaving);
    shard->Post([this, leaving] { leaving->sockets = nsp_.Sockets(*leaving->shard); });
  }
}

void LogBreak::Step() {
  std::erase_if(leaving_, [](const auto& leaving) { return leaving->done.load(); });
  if (leaving_.empty()) return;
  const size_t count = per_second_ == 0 ? std::numeric_limits<size_t>::max()
                                        : std::max<size_t>(1, per_second_ / kStepsASecond);
  for (const auto& leaving : leaving_) {
    leaving->shard->Post([this, leaving, count] {
      for (size_t i = 0; i < count && !leaving->sockets.empty(); ++i) {
        socketio::Socket* socket = nsp_.Find(*leaving->shard, leaving->sockets.back());
        leaving->sockets.pop_back();
        if (socket != nullptr) socket->CloseConnection();
      }
      leaving->done = leaving->sockets.empty();
    });
  }
  step_.Start(loop_.timers(), kStep);
}

}  // namespace trackwire::notify
