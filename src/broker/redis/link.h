#pragma once

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/clock.h"
#include "broker/redis/redis_client.h"
#include "broker/redis/transport.h"

namespace trackwire::broker {

/// What all links of one client have in common. On the loop's thread.
struct RedisLinkContext {
  RedisLinkContext(boost::asio::io_context& with, RedisLinkOptions link_options)
      : io(with), options(std::move(link_options)) {}

  boost::asio::io_context& io;
  const RedisLinkOptions options;
  RedisClientCounters counters;
  TlsContext tls;  ///< made with the first link that needs it
  /// Asked when the link is idle: PING, or ROLE where the master may move.
  bool watches_role = false;
};

/// One connection to one server, from dialling to its end; never used again after that.
///
/// Owners hold it by shared_ptr and hear what happens through `Events`, never from inside their own
/// calls. After Close() nothing is called any more.
class RedisLink : public std::enable_shared_from_this<RedisLink> {
 public:
  using Reply = std::function<void(Result<RespValue>)>;
  struct Events {
    std::function<void()> on_ready;
    /// Once, after all pending replies were given an error.
    std::function<void(Error)> on_end;
    /// Messages and confirmations of subscriptions.
    std::function<void(RespValue)> on_push;
  };
  struct Login {
    std::string user, password;
    uint32_t database = 0;
    bool subscribes = false;
  };

  RedisLink(std::shared_ptr<RedisLinkContext> context, RedisAddress address, Login login,
            Events events);

  void Start();
  void Close();
  /// Gives the link up as if it had broken: `on_end` hears `why` in a later turn.
  void Drop(Error why);

  /// True when the command was taken and `reply` will be called, unless the link is closed. False
  /// when too much waits already. Before the link is ready commands wait.
  bool Send(std::span<const std::string> arguments, std::chrono::milliseconds blocks_for,
            Reply reply);
  /// SUBSCRIBE and its kin for one channel. The confirmation goes to `on_push`; `refused` hears
  /// only of an error.
  bool SendSubscription(std::span<const std::string> arguments, Reply refused);
  /// Answers all that is pending with `why`; the real answers will be passed over.
  void Abandon(const Error& why);
  /// True the first time: whether this server has to be told a script's text.
  bool LearnsScript(const std::string& digest) { return scripts_.insert(digest).second; }
  void ForgetScripts() { scripts_.clear(); }

  bool has_pending() const { return !pending_.empty(); }
  bool ready() const { return ready_; }
  bool is_cluster() const { return is_cluster_; }
  bool is_master() const { return is_master_; }
  const RedisAddress& address() const { return address_; }

 private:
  struct Pending {
    Reply reply;
    Steady::time_point sent;
    std::chrono::milliseconds blocks_for;
    size_t bytes;
    std::string confirmation;  ///< of a subscription: its kind and channel
  };

  void Enqueue(std::span<const std::string> arguments, std::chrono::milliseconds blocks_for,
               Reply reply);
  void OnConnected(const std::string& failure);
  void SayHello();
  void OnHello(Result<RespValue> reply);
  void SayHelloInResp2();
  void SelectDatabase();
  void BecomeReady();
  Reply Expect(std::function<void(const RespValue&)> then);
  void ScheduleFlush();
  void Flush();
  void Read();
  void OnRead(const boost::system::error_code& error, size_t size);
  void Deliver(RespValue value);
  bool IsPush(const RespValue& value) const;
  void Tick();
  void AskIfIdle(Steady::time_point now);
  void End(Error why);

  const std::shared_ptr<RedisLinkContext> context_;
  const RedisAddress address_;
  const Login login_;
  Events events_;
  std::unique_ptr<RedisTransport> transport_;
  boost::asio::steady_timer timer_;
  RespReader reader_;
  std::array<char, 64 * 1024> input_;
  std::vector<RespValue> values_;
  std::string output_;   ///< gathered in this turn
  std::string sending_;  ///< on its way
  bool flush_scheduled_ = false;
  std::deque<Pending> pending_;
  size_t pending_bytes_ = 0;
  std::string waiting_;  ///< commands from before the link was ready
  std::deque<Pending> waiting_replies_;
  std::unordered_set<std::string> scripts_;
  Steady::time_point started_{};
  Steady::time_point heard_{};  ///< when the last bytes came
  bool connected_ = false;
  bool ready_ = false;
  bool ended_ = false;
  bool resp2_ = false;
  bool is_cluster_ = false;
  bool is_master_ = false;
};

}  // namespace trackwire::broker
