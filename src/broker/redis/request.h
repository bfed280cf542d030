#pragma once

#include <memory>
#include <string>

#include "broker/redis/link.h"

namespace trackwire::broker {

struct RedisScript {
  std::string text;
  std::string digest;  ///< SHA-1 in hexadecimal
};
using RedisScriptPtr = std::shared_ptr<const RedisScript>;

/// A call under way: kept until its answer, for it may have to be sent again.
struct RedisRequest {
  RedisClient::Call call;
  RedisClient::Done done;
  RedisScriptPtr script;  ///< of Eval: `call.arguments` begin with EVALSHA and its digest
  int attempts = 0;

  void Finish(Result<RespValue> result) {
    if (!done) return;
    const auto once = std::move(done);
    done = nullptr;
    once(std::move(result));
  }
};
using RedisRequestPtr = std::shared_ptr<RedisRequest>;

/// Sends `request` on `link`: a script by its text the first time. False: see RedisLink::Send.
bool SendOn(RedisLink& link, RedisRequest& request, RedisLink::Reply reply);

/// True when the answer says that the server does not know the script, and it may be tried again.
bool WantsScript(RedisLink* link, RedisRequest& request, const Result<RespValue>& reply);

}  // namespace trackwire::broker
