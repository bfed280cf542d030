#include "cluster/stream_follower.h"

#include <chrono>
#include <utility>

namespace trackwire::cluster {
namespace {

constexpr std::chrono::milliseconds kBlock{5'000};
/// Entries may be megabytes, and what one read brings is in memory at once.
constexpr const char* kBatch = "100";

}  // namespace

socketio::StreamLog::Entries ReadEntries(const broker::RespValue& reply) {
  socketio::StreamLog::Entries entries;
  for (const broker::RespValue& item : reply.items) {
    if (item.items.size() != 2 || !item.items[0].is_string()) continue;
    socketio::StreamLog::Entry entry;
    entry.id = item.items[0].text;
    const auto& fields = item.items[1].items;
    for (size_t i = 0; i + 1 < fields.size(); i += 2) {
      entry.fields.emplace_back(fields[i].text, fields[i + 1].text);
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

RedisBus::Follower::Follower(net::Loop& loop, const Options& options, std::string stream,
                             Handler handler)
    : loop_(loop),
      options_(options),
      stream_(std::move(stream)),
      handler_(std::move(handler)),
      retry_([](void* self) { static_cast<Follower*>(self)->Go(); }, this),
      client_(loop, options.link) {}

void RedisBus::Follower::Start() {
  client_.Start();
  Go();
}

void RedisBus::Follower::Go() {
  if (last_.empty()) return FindEnd();
  Read();
}

void RedisBus::Follower::Retry() { retry_.Start(loop_.timers(), options_.retry_after); }

/// `$` in each read would lose what comes between two of them.
void RedisBus::Follower::FindEnd() {
  client_.Send({"XREVRANGE", stream_, "+", "-", "COUNT", "1"},
               [this](const Result<broker::RespValue>& reply) {
                 if (!reply || reply->is_error()) return Retry();
                 const auto entries = ReadEntries(*reply);
                 last_ = entries.empty() ? "0-0" : entries.front().id;
                 Read();
               });
}

void RedisBus::Follower::Read() {
  broker::RedisClient::Call call;
  call.arguments = {"XREAD", "BLOCK", std::to_string(kBlock.count()), "COUNT", kBatch, "STREAMS",
                    stream_, last_};
  call.key = stream_;
  call.blocks_for = kBlock;
  client_.Send(std::move(call), [this](const Result<broker::RespValue>& reply) { OnRead(reply); });
}

void RedisBus::Follower::OnRead(const Result<broker::RespValue>& reply) {
  if (!reply || reply->is_error()) return Retry();
  // A map from streams to entries, or in RESP2 a list of pairs.
  const broker::RespValue* entries = nullptr;
  if (reply->type == broker::RespValue::Type::kMap && reply->items.size() >= 2) {
    entries = &reply->items[1];
  } else if (!reply->items.empty() && reply->items[0].items.size() == 2) {
    entries = &reply->items[0].items[1];
  }
  if (entries != nullptr) {
    const Entries some = ReadEntries(*entries);
    if (!some.empty()) last_ = some.back().id;
    handler_(some);
  }
  Read();
}

}  // namespace trackwire::cluster
