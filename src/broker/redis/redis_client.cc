#include "broker/redis/redis_client.h"

#include "broker/redis/client_impl.h"

namespace trackwire::broker {

RedisClient::RedisClient(net::Loop& loop, RedisLinkOptions options)
    : impl_(std::make_shared<Impl>(loop, std::move(options))) {}

RedisClient::~RedisClient() { impl_->Stop(); }

void RedisClient::Start(std::function<void(bool)> on_state) { impl_->Start(std::move(on_state)); }

void RedisClient::Send(Call call, Done done) {
  auto request = std::make_shared<RedisRequest>();
  request->call = std::move(call);
  request->done = std::move(done);
  impl_->Send(std::move(request));
}

void RedisClient::Send(std::vector<std::string> arguments, Done done) {
  Call call;
  if (arguments.size() > 1) call.key = arguments[1];
  call.arguments = std::move(arguments);
  Send(std::move(call), std::move(done));
}

void RedisClient::SendToAll(std::vector<std::string> arguments,
                            std::function<void(Result<std::vector<RespValue>>)> done) {
  impl_->SendToAll(std::move(arguments), std::move(done));
}

void RedisClient::Eval(const std::string& script, const std::vector<std::string>& keys,
                       const std::vector<std::string>& arguments, Done done) {
  auto request = std::make_shared<RedisRequest>();
  request->script = impl_->Script(script);
  auto& sent = request->call.arguments;
  sent.reserve(3 + keys.size() + arguments.size());
  sent.insert(sent.end(), {"EVALSHA", request->script->digest, std::to_string(keys.size())});
  sent.insert(sent.end(), keys.begin(), keys.end());
  sent.insert(sent.end(), arguments.begin(), arguments.end());
  if (!keys.empty()) request->call.key = keys[0];
  request->done = std::move(done);
  impl_->Send(std::move(request));
}

bool RedisClient::up() const { return impl_->up(); }
RedisMode RedisClient::mode() const { return impl_->mode(); }
std::string RedisClient::last_error() const { return impl_->last_error(); }
const RedisClientCounters& RedisClient::counters() const { return impl_->counters(); }

}  // namespace trackwire::broker
