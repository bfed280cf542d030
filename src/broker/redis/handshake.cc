// How a link introduces itself: HELLO 3, or what came before it on a server that knows no HELLO.
#include "broker/redis/link.h"

namespace trackwire::broker {

void RedisLink::OnConnected(const std::string& failure) {
  if (ended_) return;
  if (!failure.empty()) return End({"lost", failure});
  connected_ = true;
  Read();
  SayHello();
}

/// A reply handler that ends the link on an error, for the steps of the handshake.
RedisLink::Reply RedisLink::Expect(std::function<void(const RespValue&)> then) {
  return [self = shared_from_this(), then = std::move(then)](const Result<RespValue>& reply) {
    if (!reply || self->ended_) return;
    if (reply->is_error()) return self->End({"lost", reply->text});
    then(*reply);
  };
}

void RedisLink::SayHello() {
  std::vector<std::string> hello{"HELLO", "3"};
  if (!login_.password.empty()) {
    hello.insert(hello.end(),
                 {"AUTH", login_.user.empty() ? "default" : login_.user, login_.password});
  }
  hello.insert(hello.end(), {"SETNAME", context_->options.name});
  Enqueue(hello, {}, [self = shared_from_this()](Result<RespValue> reply) {
    self->OnHello(std::move(reply));
  });
}

void RedisLink::OnHello(Result<RespValue> reply) {
  if (!reply || ended_) return;
  if (reply->is_error()) {
    const bool unknown = reply->text.starts_with("ERR unknown command") ||
                         reply->text.starts_with("NOPROTO");
    return unknown ? SayHelloInResp2() : End({"lost", reply->text});
  }
  const RespValue* mode = reply->Find("mode");
  const RespValue* role = reply->Find("role");
  is_cluster_ = mode != nullptr && mode->text == "cluster";
  is_master_ = role == nullptr || role->text == "master";
  SelectDatabase();
}

void RedisLink::SayHelloInResp2() {
  resp2_ = true;
  if (!login_.password.empty()) {
    std::vector<std::string> auth{"AUTH"};
    if (!login_.user.empty()) auth.push_back(login_.user);
    auth.push_back(login_.password);
    Enqueue(auth, {}, Expect([](const RespValue&) {}));
  }
  // Older servers than the name's command are welcome too.
  Enqueue(std::vector<std::string>{"CLIENT", "SETNAME", context_->options.name}, {},
          [](const Result<RespValue>&) {});
  Enqueue(std::vector<std::string>{"INFO"}, {}, Expect([this](const RespValue& info) {
            is_cluster_ = info.text.find("redis_mode:cluster") != std::string::npos;
            is_master_ = info.text.find("role:slave") == std::string::npos;
            SelectDatabase();
          }));
}

void RedisLink::SelectDatabase() {
  if (is_cluster_ && login_.database != 0) {
    return End({"lost", "a cluster has only database 0"});
  }
  if (login_.database != 0) {
    Enqueue(std::vector<std::string>{"SELECT", std::to_string(login_.database)}, {},
            Expect([](const RespValue&) {}));
  }
  // HELLO is answered by a server that still loads its data, PING is not.
  Enqueue(std::vector<std::string>{"PING"}, {},
          [self = shared_from_this()](const Result<RespValue>& reply) {
            if (!reply || self->ended_) return;
            const bool refused = reply->is_error() && !reply->text.starts_with("NOPERM");
            return refused ? self->End({"lost", reply->text}) : self->BecomeReady();
          });
}

void RedisLink::BecomeReady() {
  ready_ = true;
  ++context_->counters.connects;
  if (!waiting_replies_.empty()) {
    output_ += waiting_;
    waiting_.clear();
    for (Pending& waiting : waiting_replies_) {
      waiting.sent = Steady::now();
      pending_.push_back(std::move(waiting));
    }
    waiting_replies_.clear();
    ScheduleFlush();
  }
  if (events_.on_ready) events_.on_ready();
}

}  // namespace trackwire::broker
