#include "broker/redis/append_pipeline.h"

#include <memory>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "broker/redis/scripts.h"

namespace trackwire::broker {
namespace {

using std::chrono::milliseconds;

constexpr size_t kBatchItems = 128;
constexpr size_t kBatchBytes = 256u << 10;
constexpr size_t kBatchesUnderWay = 8;
constexpr size_t kBytesUnderWay = 8u << 20;
constexpr milliseconds kAfterLoss{100};
constexpr milliseconds kAfterGap{5};
constexpr milliseconds kAfterTrouble{500};

size_t BytesOf(const AppendPipeline::Job& job) {
  size_t bytes = 0;
  for (const AppendPipeline::Item& item : job.items) {
    bytes += item.envelope.size() + item.ident.size() + item.extra.size() + 64;
  }
  return bytes;
}

std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const size_t end = text.find(' ');
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return words;
}

}  // namespace

AppendPipeline::AppendPipeline(RedisContext& context)
    : context_(context),
      again_([](void* self) { static_cast<AppendPipeline*>(self)->SendAgain(); }, this) {}

void AppendPipeline::Add(Job job) {
  queue_.push_back(std::move(job));
  if (flush_posted_) return;
  // Behind the tasks that already wait: their jobs share the batch.
  flush_posted_ = true;
  context_.loop.Post([this, alive = std::weak_ptr<bool>(alive_)] {
    if (alive.expired()) return;
    flush_posted_ = false;
    Flush();
  });
}

void AppendPipeline::OnUp() {
  if (stalled_) SendAgain();
  Flush();
}

void AppendPipeline::Flush() {
  while (!stalled_ && context_.client.up() && !queue_.empty() &&
         under_way_.size() < kBatchesUnderWay && bytes_under_way_ < kBytesUnderWay) {
    under_way_.push_back(NextBatch());
    bytes_under_way_ += under_way_.back().bytes;
    Send(under_way_.back());
  }
}

AppendPipeline::Batch AppendPipeline::NextBatch() {
  Batch batch;
  batch.number = next_number_++;
  size_t items = 0;
  while (!queue_.empty()) {
    const size_t more = queue_.front().items.size();
    const size_t bytes = BytesOf(queue_.front());
    const bool fits = items + more <= kBatchItems && batch.bytes + bytes <= kBatchBytes;
    if (!batch.jobs.empty() && !fits) break;
    items += more;
    batch.bytes += bytes;
    batch.jobs.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return batch;
}

void AppendPipeline::Send(const Batch& batch) {
  const RedisKeys& names = context_.keys;
  std::vector<std::string> keys{names.log(),   names.epoch(),    names.run(context_.run),
                                names.inbox(), names.rejected(), names.inbox_lease()};
  const auto expiry = milliseconds(context_.options.expiry).count();
  std::vector<std::string> arguments{std::to_string(batch.number),
                                     std::to_string(answered_),
                                     RandomName(),
                                     std::to_string(expiry),
                                     std::to_string(expiry),
                                     std::to_string(context_.ahead().count()),
                                     kInboxGroup,
                                     std::to_string(context_.options.max_rejected),
                                     names.channel(),
                                     std::to_string(context_.options.max_inbox_entries)};
  for (const Job& job : batch.jobs) {
    for (const Item& item : job.items) {
      if (!item.key.empty()) keys.push_back(item.key);
      arguments.emplace_back(1, item.kind);
      arguments.push_back(item.key.empty() ? "0" : std::to_string(keys.size()));
      arguments.push_back(item.ident);
      arguments.push_back(item.envelope);
      arguments.push_back(item.extra);
    }
  }
  context_.client.Eval(scripts::Append(), keys, arguments,
                       [this, number = batch.number, round = round_](Result<RespValue> answer) {
                         OnAnswer(number, round, std::move(answer));
                       });
}

void AppendPipeline::OnAnswer(uint64_t number, uint64_t round, Result<RespValue> answer) {
  if (round != round_ || under_way_.empty()) return;
  if (!answer) return SendAgainAfter(kAfterLoss);
  // It overtook an earlier one, which was told to try again on the way: what it met was a gap.
  if (under_way_.front().number != number) return SendAgainAfter(kAfterGap);
  if (answer->is_string()) return Complete(std::move(answer->text));
  if (answer->is_error() && answer->text.starts_with("GAP")) return SendAgainAfter(kAfterGap);
  const std::string why = answer->is_error() ? answer->text : "an answer of the wrong type";
  if (why != trouble_) {
    base::LogError("broker", "Redis does not store notifications", {{"reason", why}});
  }
  trouble_ = why;
  SendAgainAfter(kAfterTrouble);
}

void AppendPipeline::Complete(std::string text) {
  if (!trouble_.empty()) base::LogInfo("broker", "Redis stores notifications again");
  trouble_.clear();
  Batch batch = std::move(under_way_.front());
  under_way_.pop_front();
  answered_ = batch.number;
  bytes_under_way_ -= batch.bytes;
  Flush();
  std::vector<std::string> words = Words(text);
  auto word = words.begin();
  const std::weak_ptr<bool> alive = alive_;
  const std::string epoch = word == words.end() ? std::string() : *word++;
  for (Job& job : batch.jobs) {
    Answers answers{epoch, {}};
    for (size_t i = 0; i < job.items.size(); ++i) {
      answers.words.push_back(word == words.end() ? "-" : std::move(*word++));
    }
    if (job.done) job.done(std::move(answers));
    if (alive.expired()) return;
  }
}

void AppendPipeline::SendAgainAfter(milliseconds pause) {
  ++round_;
  stalled_ = true;
  again_.Start(context_.loop.timers(), pause);
}

void AppendPipeline::SendAgain() {
  again_.Cancel();
  if (!context_.client.up()) return;  // OnUp() follows
  stalled_ = false;
  ++round_;
  for (const Batch& batch : under_way_) Send(batch);
  Flush();
}

void AppendPipeline::FailLate(Steady::time_point now) {
  std::vector<Done> late;
  for (Batch& batch : under_way_) {
    for (Job& job : batch.jobs) {
      if (!job.deadline || *job.deadline > now || !job.done) continue;
      late.push_back(std::exchange(job.done, nullptr));
      // If it has not run yet, it must not: whoever handed it over knows it as failed.
      for (Item& item : job.items) item = Item{};
    }
  }
  for (auto job = queue_.begin(); job != queue_.end();) {
    if (!job->deadline || *job->deadline > now) {
      ++job;
      continue;
    }
    late.push_back(std::move(job->done));
    job = queue_.erase(job);
  }
  const std::weak_ptr<bool> alive = alive_;
  const std::string why = trouble_.empty() ? "Redis does not answer" : "Redis: " + trouble_;
  for (const Done& done : late) {
    if (alive.expired()) return;
    if (done) done(Err("unavailable", why));
  }
}

}  // namespace trackwire::broker
