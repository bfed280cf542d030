#include "broker/redis/request.h"

namespace trackwire::broker {
namespace {

/// Somebody who flushes scripts without end does not keep a call for ever.
constexpr int kMaxScriptAttempts = 5;

}  // namespace

bool SendOn(RedisLink& link, RedisRequest& request, RedisLink::Reply reply) {
  auto& arguments = request.call.arguments;
  if (!request.script || !link.LearnsScript(request.script->digest)) {
    return link.Send(arguments, request.call.blocks_for, std::move(reply));
  }
  arguments[0] = "EVAL";
  arguments[1] = request.script->text;
  const bool taken = link.Send(arguments, request.call.blocks_for, std::move(reply));
  arguments[0] = "EVALSHA";
  arguments[1] = request.script->digest;
  if (!taken) link.ForgetScripts();
  return taken;
}

bool WantsScript(RedisLink* link, RedisRequest& request, const Result<RespValue>& reply) {
  if (!request.script || !reply || !reply->is_error() || !reply->text.starts_with("NOSCRIPT")) {
    return false;
  }
  if (++request.attempts > kMaxScriptAttempts) return false;
  if (link != nullptr) link->ForgetScripts();
  return true;
}

}  // namespace trackwire::broker
