#include "broker/redis/redis_log.h"

#include <utility>

#include "base/log.h"
#include "broker/redis/scripts.h"

namespace trackwire::broker {
namespace {

using std::chrono::milliseconds;

constexpr auto kPatience = std::chrono::seconds(3);
constexpr size_t kMaxWaiting = 10'000;

/// What one word of the script's answer says. `=` goes before the id of one that was there.
Appended ToAppended(const std::string& epoch, const std::string& word) {
  const bool known = word.starts_with('=');
  auto offset = ParseStreamId(epoch, known ? word.substr(1) : word);
  if (!offset) return {{}, true};  // another process has dealt with it
  return {std::move(*offset), known};
}

Result<std::vector<LogEntryPtr>> ToEntries(const std::string& epoch, RespValue answer) {
  if (answer.is_string()) {
    return Err(answer.text, answer.text == "trimmed" ? "some of these entries have expired"
                                                     : "the offset is of another log");
  }
  if (!answer.is_array()) return Err("unavailable", answer.text);
  std::vector<LogEntryPtr> entries;
  for (size_t i = 0; i + 1 < answer.items.size(); i += 2) {
    const auto offset = ParseStreamId(epoch, answer.items[i].text);
    if (!offset) continue;
    entries.push_back(std::make_shared<const LogEntry>(
        LogEntry{*offset, std::move(answer.items[i + 1].text), {}}));
  }
  return entries;
}

RedisClient::Call UsageCall(const std::string& key) {
  RedisClient::Call call;
  call.arguments = {"MEMORY", "USAGE", key};
  call.key = key;
  return call;
}

}  // namespace

RedisLog::RedisLog(RedisContext& context, AppendPipeline& pipeline, TicketBook& book)
    : context_(context),
      pipeline_(pipeline),
      book_(book),
      tail_(
          context, [this](const std::vector<LogEntryPtr>& entries) { OnEntries(entries); },
          [this] { OnLost(); }) {}

void RedisLog::Start(const LogTail::Place& place) { tail_.Start(place); }

void RedisLog::Close() {
  closed_ = true;
  tails_.clear();
  on_break_.clear();
  waiting_.clear();
}

AppendPipeline::Item RedisLog::ItemOf(AppendRequest& request) const {
  AppendPipeline::Item item;
  item.envelope = std::move(request.envelope);
  const TicketBook::Ticket* ticket = book_.Find(request.ticket);
  if (request.ticket.from != InletTicket::From::kDirect && ticket == nullptr) return {};
  const bool from_inbox = ticket != nullptr && ticket->from == InletTicket::From::kInbox;
  std::string key = std::move(request.idempotency_key);
  if (from_inbox) {
    item.kind = 'i';
    item.ident = ticket->entry_id;
    item.extra = ticket->lease;
    if (key.empty()) key = ticket->key;
  } else if (ticket != nullptr && key.empty()) {
    item.kind = 'c';
    item.key = ticket->window;
    item.ident = ticket->field;
    item.extra = ticket->window_ms;
  } else {
    item.kind = 'd';
  }
  if (!key.empty()) item.key = context_.keys.idempotency(key);
  return item;
}

void RedisLog::Append(std::vector<AppendRequest> requests, NotificationLog::AppendDone done) {
  AppendPipeline::Job job;
  std::vector<InletTicket> tickets;
  for (AppendRequest& request : requests) {
    job.items.push_back(ItemOf(request));
    if (request.ticket.from != InletTicket::From::kDirect) tickets.push_back(request.ticket);
  }
  if (tickets.empty()) job.deadline = context_.loop.now() + context_.options.unavailable_after;
  job.done = [this, tickets = std::move(tickets),
              answer = std::move(done)](Result<AppendPipeline::Answers> answers) {
    for (const InletTicket& ticket : tickets) book_.Settle(ticket);
    if (!answer) return;
    if (!answers) return answer(Err(std::move(answers.error())));
    std::vector<Appended> appended;
    appended.reserve(answers->words.size());
    for (const std::string& word : answers->words) {
      appended.push_back(ToAppended(answers->epoch, word));
    }
    answer(std::move(appended));
  };
  pipeline_.Add(std::move(job));
}

void RedisLog::OnEntries(const std::vector<LogEntryPtr>& entries) {
  for (size_t i = 0; i < tails_.size() && !closed_; ++i) tails_[i](entries);
  while (!closed_ && !waiting_.empty()) {
    bool found = false;
    for (auto one = waiting_.begin(); one != waiting_.end() && !found; ++one) {
      if (tail_.end() < one->after) continue;
      found = true;
      const auto go_on = std::move(one->go_on);
      waiting_.erase(one);
      go_on();
      break;
    }
    if (!found) return;
  }
}

void RedisLog::OnLost() {
  // What they wait for is of the former log.
  const std::deque<Waiting> waiting = std::exchange(waiting_, {});
  for (size_t i = 0; i < on_break_.size() && !closed_; ++i) on_break_[i]();
  for (const Waiting& one : waiting) {
    if (!closed_) one.done(Err("epoch", "the log is another one now"));
  }
}

void RedisLog::Read(const LogOffset& after, const LogOffset& last, size_t max_entries,
                    size_t max_bytes, NotificationLog::ReadDone done) {
  const LogOffset& end = tail_.end();
  if (after.epoch != end.epoch || last.epoch != end.epoch) {
    return done(Err("epoch", "the offset is of another log"));
  }
  const ReadJob job{after, last, max_entries, max_bytes};
  if (end < after) return AskWhetherAhead(job, std::move(done));
  const LogOffset& through = end < last ? end : last;
  if (!(after < through)) return done(std::vector<LogEntryPtr>());
  auto found = tail_.ring().Read(after, through, max_entries, max_bytes);
  if (found) return done(std::move(*found));
  ReadStored({after, through, max_entries, max_bytes}, std::move(done));
}

void RedisLog::AskWhetherAhead(ReadJob job, NotificationLog::ReadDone done) {
  Look([this, job, answer = std::move(done)](Result<LogTail::Place> place) mutable {
    if (!place) return answer(Err(std::move(place.error())));
    if (place->epoch != job.after.epoch || place->end < job.after) {
      return answer(Err("epoch", "the offset is beyond the end of the log"));
    }
    const auto go_on = [this, job, answer] {
      Read(job.after, job.last, job.max_entries, job.max_bytes, answer);
    };
    if (!(tail_.end() < job.after)) return go_on();
    if (waiting_.size() >= kMaxWaiting) {
      return answer(Err("unavailable", "too many reads of the log wait"));
    }
    waiting_.push_back({job.after, go_on, answer, context_.loop.now() + kPatience});
  });
}

void RedisLog::ReadStored(const ReadJob& job, NotificationLog::ReadDone done) {
  const RedisKeys& keys = context_.keys;
  context_.client.Eval(
      scripts::Read(), {keys.log(), keys.epoch(), keys.trimmed()},
      {job.after.epoch, StreamId(job.after), StreamId(job.last), std::to_string(job.max_entries),
       std::to_string(job.max_bytes)},
      [epoch = job.after.epoch, answer = std::move(done)](Result<RespValue> found) {
        if (!found) return answer(Err("unavailable", found.error().detail));
        answer(ToEntries(epoch, std::move(*found)));
      });
}

void RedisLog::Look(std::function<void(Result<LogTail::Place>)> done) {
  const RedisKeys& keys = context_.keys;
  const LogOffset& end = tail_.end();
  context_.client.Eval(
      scripts::Check(), {keys.log(), keys.epoch(), keys.trimmed()},
      {end.epoch, StreamId(end), RandomName(),
       std::to_string(milliseconds(context_.options.expiry).count()),
       std::to_string(context_.ahead().count())},
      [this, answer = std::move(done)](Result<RespValue> found) {
        if (!found) return answer(Err("unavailable", found.error().detail));
        if (!found->is_array() || found->items.size() != 4) {
          return answer(Err("unavailable", found->text));
        }
        LogTail::Place place;
        place.epoch = found->items[0].text;
        const auto last = ParseStreamId(place.epoch, found->items[1].text);
        if (!last || !LogOffset::Parse(last->ToString())) {
          return answer(Err("unavailable", "the epoch of the log in Redis cannot be used"));
        }
        place.end = *last;
        const auto trimmed = ParseStreamId(place.epoch, found->items[2].text);
        place.trimmed = trimmed.value_or(LogOffset{place.epoch, 0, 0});
        entries_ = static_cast<uint64_t>(found->items[3].integer);
        answer(std::move(place));
      });
}

void RedisLog::LookAfter() {
  if (closed_ || looking_ || !context_.client.up()) return;
  looking_ = true;
  Look([this, epoch = tail_.end().epoch](Result<LogTail::Place> place) {
    looking_ = false;
    if (place && !closed_) tail_.Learn(epoch, *place);
  });
  context_.client.Send(UsageCall(context_.keys.log()), [this](Result<RespValue> used) {
    if (used && used->is_integer()) bytes_ = static_cast<uint64_t>(used->integer);
  });
}

void RedisLog::FailLate(Steady::time_point now) {
  std::vector<NotificationLog::ReadDone> late;
  for (auto one = waiting_.begin(); one != waiting_.end();) {
    if (one->deadline > now) {
      ++one;
      continue;
    }
    late.push_back(std::move(one->done));
    one = waiting_.erase(one);
  }
  for (const auto& done : late) {
    if (!closed_) done(Err("unavailable", "the tail of the log does not catch up"));
  }
}

}  // namespace trackwire::broker
