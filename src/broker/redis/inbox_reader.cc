#include "broker/redis/inbox_reader.h"

#include <utility>

#include "base/log.h"
#include "broker/redis/log_tail.h"
#include "broker/redis/scripts.h"

namespace trackwire::broker {
namespace {

using std::chrono::milliseconds;

constexpr size_t kTakeEntries = 128;
constexpr size_t kMaxEntriesOut = 2'048;  // handed over and not yet dealt with
constexpr size_t kMaxBytesOut = 16u << 20;
constexpr milliseconds kBlock{2'000};
constexpr milliseconds kAfterTrouble{200};

bool IsLess(const std::string& a, const std::string& b) {
  const auto x = ParseStreamId("", a);
  const auto y = ParseStreamId("", b);
  return x && y && *x < *y;
}

}  // namespace

InboxReader::InboxReader(RedisContext& context, const TicketBook& book, OnEntries on_entries)
    : context_(context),
      book_(book),
      on_entries_(std::move(on_entries)),
      bell_(context.loop, context.options.link),
      hold_([](void* self) { static_cast<InboxReader*>(self)->Hold(); }, this),
      pump_([](void* self) { static_cast<InboxReader*>(self)->Pump(); }, this) {}

void InboxReader::Start() {
  started_ = true;
  bell_.Start([this](bool up) {
    if (up) Pump();
  });
  Hold();
}

void InboxReader::Hold() {
  if (closing_ && !held_) return;
  hold_.Start(context_.loop.timers(), context_.options.lease / (held_ ? 3 : 6));
  if (asking_) return;
  asking_ = true;
  context_.client.Eval(scripts::HoldLease(), {context_.keys.inbox_lease()},
                       {Lease(), std::to_string(context_.options.lease.count()), held_ ? "1" : "0"},
                       [this](Result<RespValue> answer) {
                         asking_ = false;
                         OnHeld(std::move(answer));
                       });
}

void InboxReader::OnHeld(Result<RespValue> answer) {
  if (!answer || !answer->is_integer()) return;
  if (answer->integer == 0) {
    if (held_) LoseLease();
    return;
  }
  if (closing_ && !held_) {
    held_ = true;
    return Release();
  }
  if (held_) return Pump();
  held_ = true;
  fresh_ = true;
  again_ = true;
  last_id_ = "0-0";
  rung_id_ = "0-0";
  Pump();
}

void InboxReader::LoseLease() {
  base::LogInfo("broker", "another process drains the inbox now");
  held_ = false;
  ++generation_;
}

void InboxReader::OnLeaseFree() {
  if (started_ && !held_) Hold();
}

void InboxReader::OnSettled() {
  if (closing_) {
    if (book_.inbox().entries == 0 && held_) Release();
    return;
  }
  if (held_ && !taking_ && !waiting_) Pump();
}

void InboxReader::Pump() {
  if (!held_ || closing_ || taking_ || !context_.client.up()) return;
  if (book_.inbox().entries >= kMaxEntriesOut || book_.inbox().bytes >= kMaxBytesOut) return;
  if (fresh_ && book_.inbox().entries > 0) return;
  fresh_ = false;
  taking_ = true;
  const RedisBrokerOptions& options = context_.options;
  context_.client.Eval(scripts::TakeFromInbox(),
                       {context_.keys.inbox_lease(), context_.keys.inbox()},
                       {Lease(), kInboxGroup, kInboxConsumer, again_ ? last_id_ : ">",
                        std::to_string(kTakeEntries), std::to_string(options.max_incoming_bytes),
                        std::to_string(options.max_rejected_bytes)},
                       [this, lease = Lease()](Result<RespValue> answer) {
                         taking_ = false;
                         // Taken, then lost: the next holder reads it again.
                         if (closing_) return;
                         if (!held_ || lease != Lease()) return Pump();
                         OnTaken(std::move(answer));
                       });
}

void InboxReader::OnTaken(Result<RespValue> answer) {
  const bool good = answer && answer->is_array() && !answer->items.empty();
  if (!good) {
    // What it took may be on nobody's list: it is read again as taken.
    again_ = true;
    return pump_.Start(context_.loop.timers(), kAfterTrouble);
  }
  if (answer->items[0].text != "ok") {
    return LoseLease();
  }
  std::vector<Entry> entries;
  for (size_t i = 1; i + 3 < answer->items.size(); i += 4) {
    Entry entry;
    entry.id = std::move(answer->items[i].text);
    entry.state = static_cast<Entry::State>(answer->items[i + 1].text.at(0));
    entry.envelope = std::move(answer->items[i + 2].text);
    entry.key = std::move(answer->items[i + 3].text);
    entry.lease = Lease();
    last_id_ = entry.id;
    entries.push_back(std::move(entry));
  }
  if (entries.empty()) {
    if (!again_) return Wait();
    again_ = false;
  } else {
    on_entries_(std::move(entries));
  }
  Pump();
}

void InboxReader::Wait() {
  if (waiting_ || closing_) return;
  if (!bell_.up()) return pump_.Start(context_.loop.timers(), kAfterTrouble);
  waiting_ = true;
  RedisClient::Call call;
  const std::string& after = IsLess(last_id_, rung_id_) ? rung_id_ : last_id_;
  call.arguments = {"XREAD",   "COUNT",   "1", "BLOCK", std::to_string(kBlock.count()),
                    "STREAMS", context_.keys.inbox(), after};
  call.key = context_.keys.inbox();
  call.blocks_for = kBlock;
  bell_.Send(std::move(call), [this](Result<RespValue> answer) {
    waiting_ = false;
    if (!answer || answer->is_error()) return pump_.Start(context_.loop.timers(), kAfterTrouble);
    const RespValue* found = answer->Find(context_.keys.inbox());
    if (found == nullptr && answer->is_array() && !answer->items.empty() &&
        answer->items[0].items.size() == 2) {
      found = &answer->items[0].items[1];
    }
    // The next bell is for what comes after, even if nobody can take this one.
    if (found != nullptr && !found->items.empty() && !found->items[0].items.empty()) {
      rung_id_ = found->items[0].items[0].text;
    }
    Pump();
  });
}

void InboxReader::Close() {
  if (closing_) return;
  closing_ = true;
  pump_.Cancel();
  if (held_ && book_.inbox().entries == 0) Release();
  if (!held_ && !asking_) hold_.Cancel();
}

void InboxReader::Leave(std::function<void()> done) {
  closing_ = true;
  if (!held_) return done();
  Release(std::move(done));
}

void InboxReader::Release(std::function<void()> done) {
  hold_.Cancel();
  held_ = false;
  context_.client.Eval(scripts::ReleaseLease(),
                       {context_.keys.inbox_lease(), context_.keys.tick()}, {Lease()},
                       [answer = std::move(done)](const Result<RespValue>&) {
                         if (answer) answer();
                       });
}

}  // namespace trackwire::broker
