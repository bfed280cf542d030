#include "socketio/ack.h"

#include "base/json_scanner.h"
#include "base/log.h"
#include "socketio/shard_part.h"

namespace trackwire::socketio {
namespace {

/// What goes to another server, which hears of one value without attachments.
std::string FirstValue(const Args& args) {
  if (!args.attachments.empty()) {
    base::LogError("socketio", "an answer to another server cannot carry binary", {});
    return "null";
  }
  const std::string array = "[" + args.json + "]";
  base::JsonArrayReader values({base::JsonType::kArray, array});
  const auto first = values.Next();
  return first ? std::string(first->text) : "null";
}

}  // namespace

Ack::Ack(net::Shard& shard, AckFn answer) {
  if (!answer) return;
  auto shared = std::make_shared<const AckFn>(std::move(answer));
  const auto send = [&shard, shared = std::move(shared)](Args args) {
    RunOn(shard, [shared, args = std::move(args)]() mutable { (*shared)(std::move(args)); });
  };
  send_ = std::make_shared<const std::function<void(Args)>>(send);
}

Ack::Ack(ServerSideAnswer answer) {
  if (!answer) return;
  const auto send = [answer = std::move(answer)](const Args& args) { answer(FirstValue(args)); };
  send_ = std::make_shared<const std::function<void(Args)>>(send);
}

}  // namespace trackwire::socketio
