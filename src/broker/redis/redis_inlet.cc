#include "broker/redis/redis_inlet.h"

#include <utility>

#include "base/log.h"
#include "broker/redis/scripts.h"

namespace trackwire::broker {
namespace {

using std::chrono::milliseconds;

constexpr size_t kMaxEarly = 10'000;
constexpr size_t kMaxEarlyBytes = 8u << 20;
constexpr milliseconds kTickAgain{1'000};

}  // namespace

RedisInlet::RedisInlet(RedisContext& context, AppendPipeline& pipeline, TicketBook& book)
    : context_(context),
      pipeline_(pipeline),
      book_(book),
      subscriber_(context.loop, context.options.link),
      inbox_(context, book,
             [this](std::vector<InboxReader::Entry> entries) { OnInbox(std::move(entries)); }) {
  book_.on_settled = [this] { inbox_.OnSettled(); };
}

void RedisInlet::Open(net::Loop& handler_loop, Inlet::Handler handler) {
  if (opened_) return;
  opened_ = true;
  handler_loop_ = &handler_loop;
  handler_ = std::make_shared<const Inlet::Handler>(std::move(handler));
  subscriber_.Subscribe(ChannelKind::kPlain, context_.keys.channel(),
                        [this](std::string_view, std::string_view message) { Hear(message); });
  subscriber_.Subscribe(ChannelKind::kPlain, context_.keys.tick(),
                        [this](std::string_view, std::string_view message) { OnTick(message); });
  subscriber_.Start([this](bool up) { OnLink(up); });
  inbox_.Start();
}

void RedisInlet::OnLink(bool up) {
  hearings_.Stop();
  early_.clear();
  early_bytes_ = 0;
  if (up) Tick(milliseconds(0));
}

void RedisInlet::Tick(milliseconds least_age) {
  if (closed_) return;
  asked_at_ = context_.loop.now();
  const auto life = 2 * milliseconds(context_.options.expiry);
  context_.client.Eval(scripts::Tick(), {context_.keys.tick()},
                       {std::to_string(least_age.count()), std::to_string(life.count())},
                       [](const Result<RespValue>&) {});
}

void RedisInlet::Tend(Steady::time_point now) {
  if (!opened_ || closed_ || !subscriber_.up()) return;
  if (hearings_.counting() && hearings_.crowded()) return Tick(milliseconds(0));
  const milliseconds due = hearings_.counting() ? context_.options.window : milliseconds(0);
  if (now - ticked_at_ >= due && now - asked_at_ >= kTickAgain) Tick(due);
}

void RedisInlet::OnTick(std::string_view message) {
  if (message == "free") return inbox_.OnLeaseFree();
  if (closed_ || !message.starts_with("tick ")) return;
  message.remove_prefix(5);
  const size_t blank = message.find(' ');
  if (blank == std::string_view::npos || blank == 0 || blank > 16 ||
      message.substr(0, blank).find_first_not_of("0123456789") != std::string_view::npos) {
    return;
  }
  const std::string tick(message.substr(0, blank));
  // In a cluster the count is only that of one node.
  const bool alone = message.substr(blank + 1) == "1" &&
                     context_.client.mode() != RedisMode::kCluster;
  std::vector<std::string> early = std::exchange(early_, {});
  early_bytes_ = 0;
  if (alone) {
    // Nobody else has heard these: they count by a name of this process's own.
    hearings_.Begin(tick + ":" + context_.run);
    for (const std::string& one : early) {
      if (auto field = hearings_.Count(one)) Enter(one, hearings_.tick(), std::move(*field));
    }
  } else {
    counters_.unnumbered += early.size();
  }
  hearings_.Begin(tick);
  ticked_at_ = context_.loop.now();
}

void RedisInlet::Hear(std::string_view message) {
  if (closed_) return;
  ++counters_.heard;
  if (message.size() > context_.options.max_incoming_bytes) {
    if (counters_.too_long++ == 0) {
      base::LogWarn("broker", "a message on the channel is too long", {{"bytes", message.size()}});
    }
    return;
  }
  if (IsMarked(message)) {
    ++counters_.own;
    return;
  }
  if (!hearings_.counting()) {
    if (early_.size() >= kMaxEarly || early_bytes_ + message.size() > kMaxEarlyBytes) {
      ++counters_.overflow;
      return;
    }
    early_bytes_ += message.size();
    early_.emplace_back(message);
    return;
  }
  // Counted even when it is dropped then: the next one must have the number others give it.
  auto field = hearings_.Count(message);
  if (!field) {
    ++counters_.overflow;
    return;
  }
  Enter(message, hearings_.tick(), std::move(*field));
}

bool RedisInlet::HasRoom(size_t bytes) {
  const TicketBook::Load& load = book_.heard();
  if (load.entries < context_.options.max_queue_entries &&
      load.bytes + bytes <= context_.options.max_queue_bytes) {
    if (load.entries < context_.options.max_queue_entries / 2) overflowing_ = false;
    return true;
  }
  ++counters_.overflow;
  if (!std::exchange(overflowing_, true)) {
    base::LogError("broker", "heard notifications are dropped: too many wait to be stored",
                   {{"waiting", load.entries}});
  }
  return false;
}

void RedisInlet::Enter(std::string_view message, const std::string& window, std::string field) {
  if (!HasRoom(message.size())) return;
  TicketBook::Ticket ticket;
  ticket.from = InletTicket::From::kChannel;
  ticket.bytes = message.size();
  ticket.window = context_.keys.heard(window);
  ticket.field = std::move(field);
  ticket.window_ms = window.substr(0, window.find(':'));
  Hand({std::string(message), book_.Add(std::move(ticket)), context_.loop.now()});
}

void RedisInlet::OnInbox(std::vector<InboxReader::Entry> entries) {
  for (InboxReader::Entry& entry : entries) {
    ++counters_.taken;
    if (entry.state != InboxReader::Entry::State::kGood) {
      RefuseEntry(entry);
      continue;
    }
    TicketBook::Ticket ticket;
    ticket.from = InletTicket::From::kInbox;
    ticket.bytes = entry.envelope.size();
    ticket.entry_id = std::move(entry.id);
    ticket.lease = std::move(entry.lease);
    ticket.key = std::move(entry.key);
    Hand({std::move(entry.envelope), book_.Add(std::move(ticket)), context_.loop.now()});
  }
}

void RedisInlet::RefuseEntry(const InboxReader::Entry& entry) {
  using State = InboxReader::Entry::State;
  if (entry.state == State::kGone) {
    context_.client.Send({"XACK", context_.keys.inbox(), kInboxGroup, entry.id},
                         [](const Result<RespValue>&) {});
    return;
  }
  TicketBook::Ticket ticket;
  ticket.from = InletTicket::From::kInbox;
  ticket.bytes = entry.envelope.size();
  ticket.entry_id = entry.id;
  ticket.lease = entry.lease;
  Incoming incoming{entry.envelope, book_.Add(std::move(ticket)), context_.loop.now()};
  Refuse(std::move(incoming), entry.state == State::kTooLong ? "too_large" : "no_envelope");
}

void RedisInlet::Hand(Incoming incoming) {
  batch_.push_back(std::move(incoming));
  if (flush_posted_) return;
  flush_posted_ = true;
  context_.loop.Post([this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) Flush();
  });
}

void RedisInlet::Flush() {
  flush_posted_ = false;
  if (batch_.empty()) return;
  handler_loop_->Post([handler = handler_, batch = std::exchange(batch_, {})]() mutable {
    (*handler)(std::move(batch));
  });
}

void RedisInlet::Refuse(Incoming incoming, std::string reason) {
  const TicketBook::Ticket* ticket = book_.Find(incoming.ticket);
  if (ticket == nullptr) return;
  CutText(incoming.envelope, context_.options.max_rejected_bytes);
  CutText(reason, context_.options.max_rejected_bytes);
  AppendPipeline::Item item;
  item.envelope = std::move(incoming.envelope);
  if (ticket->from == InletTicket::From::kInbox) {
    item.kind = 'I';
    item.ident = ticket->entry_id;
    item.extra = ticket->lease + " " + reason;
  } else {
    item.kind = 'C';
    item.key = ticket->window;
    item.ident = ticket->field;
    item.extra = std::move(reason);
  }
  AppendPipeline::Job job;
  job.items.push_back(std::move(item));
  job.done = [this, handed = incoming.ticket](const Result<AppendPipeline::Answers>&) {
    book_.Settle(handed);
  };
  pipeline_.Add(std::move(job));
}

void RedisInlet::Close(std::function<void()> done) {
  if (!opened_ || closed_) return done();
  closed_ = true;
  subscriber_.Unsubscribe(ChannelKind::kPlain, context_.keys.channel());
  subscriber_.Unsubscribe(ChannelKind::kPlain, context_.keys.tick());
  inbox_.Close();
  Flush();
  handler_loop_->Post([&loop = context_.loop, answer = std::move(done)]() mutable {
    loop.Post([last = std::move(answer)] { last(); });
  });
}

}  // namespace trackwire::broker
