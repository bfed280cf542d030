#include "load/worker.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include <array>
#include <cerrno>

#include "base/check.h"
#include "load/http_sink.h"
#include "load/now.h"
#include "load/redis_sink.h"
#include "wire/stamp.h"

namespace trackwire::bench {
namespace {

constexpr size_t kEpollBatch = 512;
constexpr uint64_t kTagWake = uint64_t{1} << 62;
constexpr uint64_t kTagTimer = kTagWake + 1;
constexpr uint64_t kTagPublisher = kTagWake + 2;
constexpr int64_t kNsPerSecond = 1'000'000'000;

// Rate mode has no window of its own, yet what is outstanding must stay bounded.
constexpr size_t kRateWindow = 65'536;

// Coming back, a client may be refused so many times on the average before the run gives up.
constexpr uint64_t kAttempts = 20;

size_t WindowOf(const Options& options) {
  return options.mode == Mode::kRate ? kRateWindow : options.window;
}

void AddToEpoll(int epoll, int fd, uint64_t tag) {
  epoll_event event{.events = EPOLLIN, .data = {.u64 = tag}};
  CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
}

void Drain(int fd) {
  uint64_t count = 0;
  const ssize_t n = ::read(fd, &count, sizeof count);
  CHECK(n == sizeof count || errno == EAGAIN);
}

}  // namespace

Worker::Worker(const Options& options, Board& board, size_t index, uint32_t run)
    : options_(options),
      board_(board),
      index_(index),
      run_(run),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      timer_(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)),
      buffer_(kReadBufferBytes),
      writer_(options.event, options.payload_bytes, options.trackers,
              options.box_degrees > 0),
      checker_(LocalCount(options.clients), options.publishers) {
  CHECK(epoll_.is_open() && wake_.is_open() && timer_.is_open());
  AddToEpoll(epoll_.get(), wake_.get(), kTagWake);
  AddToEpoll(epoll_.get(), timer_.get(), kTagTimer);
  for (size_t p = 0; p < options.publishers; ++p) {
    completions_.emplace_back(WindowOf(options), LocalCount(options.clients));
    if (p % options.threads == index) publishers_.push_back({p, Pacer(), nullptr});
  }
  if (options.box_degrees <= 0) return;
  std::vector<size_t> numbers;
  for (size_t i = index; i < options.clients; i += options.threads) {
    numbers.push_back(i);
  }
  boxes_.emplace(numbers, options.box_degrees, options.publishers, options.trackers);
}

void Worker::Run() {
  std::array<epoll_event, kEpollBatch> ready;
  while (!stopping_) {
    const int n = epoll_wait(epoll_.get(), ready.data(), static_cast<int>(ready.size()), -1);
    CHECK(n >= 0 || errno == EINTR);
    for (int i = 0; i < n; ++i) OnEpoll(ready[i].data.u64, ready[i].events);
    // Not while a client's own code runs.
    if (!to_return_.empty()) ConnectMore();
    if (!publishing_) continue;
    for (Publisher& publisher : publishers_) Pump(publisher);
    ArmTimer();
    ReportIfDone();
  }
}

void Worker::OnEpoll(uint64_t tag, uint32_t events) {
  if (tag < kTagWake) return clients_[tag].OnReady(events, buffer_);
  if (tag == kTagWake) {
    Drain(wake_.get());
    return RunPosted();
  }
  if (tag == kTagTimer) {
    armed_ns_ = 0;
    return Drain(timer_.get());
  }
  const Result<void> done = publishers_[tag - kTagPublisher].sink->OnReady();
  if (!done) {
    board_.Fail(done.error().detail);
    stopping_ = true;
  }
}

void Worker::Post(std::function<void()> command) {
  {
    const std::lock_guard lock(posted_mutex_);
    posted_.push_back(std::move(command));
  }
  Wake();
}

void Worker::Wake() {
  const uint64_t one = 1;
  const ssize_t n = ::write(wake_.get(), &one, sizeof one);
  CHECK(n == sizeof one || errno == EAGAIN);
}

void Worker::RunPosted() {
  std::vector<std::function<void()>> commands;
  {
    const std::lock_guard lock(posted_mutex_);
    commands.swap(posted_);
  }
  for (const std::function<void()>& command : commands) command();
}

void Worker::Stop() {
  Post([this] { stopping_ = true; });
}

void Worker::StopPublishing() {
  Post([this] {
    for (Publisher& publisher : publishers_) publisher.pacer.Stop();
  });
}

// Of the numbers below `of_all`, how many leave index_ when divided by the number of workers.
size_t Worker::LocalCount(size_t of_all) const {
  return of_all <= index_ ? 0 : (of_all - index_ - 1) / options_.threads + 1;
}

void Worker::Connect(size_t clients) {
  Post([this, clients] {
    connect_target_ = LocalCount(clients);
    connecting_ = true;
    ConnectMore();
  });
}

void Worker::ConnectMore() {
  while (clients_.size() < connect_target_ && clients_.size() - joined_ < options_.connecting) {
    const size_t local = clients_.size();
    ClientEvents& events = *this;
    clients_.emplace_back(options_, events, index_ + local * options_.threads);
    const Result<void> started = clients_.back().Start(epoll_.get(), local);
    if (!started) return board_.Fail(started.error().detail);
  }
  const size_t at_a_time = options_.returning > 0 ? options_.returning : clients_.size();
  while (!to_return_.empty() && clients_.size() - joined_ - to_return_.size() < at_a_time) {
    const size_t local = to_return_.front();
    to_return_.pop_front();
    const Result<void> started = clients_[local].Start(epoll_.get(), local);
    if (!started) return board_.Fail(started.error().detail);
  }
  if (connecting_ && joined_ == connect_target_) {
    connecting_ = false;
    board_.MarkDone(index_);
  }
}

void Worker::Cut() {
  Post([this] {
    for (Client& client : clients_) client.Cut();
    joined_ = 0;
    board_.MarkDone(index_);
  });
}

void Worker::Return(bool with_messages) {
  Post([this, with_messages] {
    returning_ = true;
    connecting_ = !with_messages;
    for (size_t local = 0; local < clients_.size(); ++local) to_return_.push_back(local);
    ConnectMore();
  });
}

void Worker::OnJoined(Client& client) {
  ++joined_;
  if (returning_ && client.was_recovered()) ++result_.recovered;
  ConnectMore();
}

void Worker::OnLost(Client& client, const std::string& reason) {
  const size_t local = LocalIndex(client);
  const std::string who = "client " + std::to_string(client.number()) + ": " + reason;
  if (client.stalls() && began_publishing_) {
    ++result_.lost_stalled;
    return;
  }
  if (returning_ && Refuse(who, local)) return;
  ++result_.lost_clients;
  // Until everybody is there a loss means that the run cannot begin.
  if (!publishing_) return board_.Fail(who);
  const bool publishes = options_.publish == PublishWay::kEvent;
  if (publishes && client.number() < options_.publishers) return board_.Fail("publishing " + who);
  for (size_t p = 0; p < completions_.size(); ++p) {
    completions_[p].RemoveClient(checker_.next(local, p));
    board_.complete(index_, p) = completions_[p].complete();
  }
}

// Whether the client is one that has yet to come back, and will try again.
bool Worker::Refuse(const std::string& who, size_t local) {
  if (clients_[local].had_joined()) return false;
  ++result_.refused;
  if (result_.refused > kAttempts * clients_.size()) board_.Fail(who);
  to_return_.push_back(local);
  return true;
}

void Worker::OnEvent(Client& client, std::string_view packet) {
  const std::optional<Stamp> stamp = FindStamp(packet);
  const bool ours = stamp && stamp->run == run_ && stamp->publisher < options_.publishers &&
                    stamp->sequence < board_.published(stamp->publisher).load();
  if (!ours) {
    ++result_.foreign_events;
    return;
  }
  CountDelivery(LocalIndex(client), *stamp);
}

void Worker::CountDelivery(size_t client, const Stamp& stamp) {
  if (boxes_) {
    boxes_->Observe(client, stamp.publisher, stamp.sequence);
  } else {
    const uint64_t first = checker_.next(client, stamp.publisher);
    const uint64_t moved = checker_.Observe(client, stamp.publisher, stamp.sequence);
    CountComplete(stamp.publisher, first, moved);
  }
  if (!measured_) return;
  const int64_t now = NowNs();
  ++result_.delivered;
  result_.last_delivery_ns = now;
  result_.latency.Add(now - stamp.sent_ns);
}

void Worker::CountComplete(size_t publisher, uint64_t first, uint64_t n) {
  Completion& completion = completions_[publisher];
  const uint64_t before = completion.complete();
  for (uint64_t i = 0; i < n; ++i) completion.Count(first + i);
  if (completion.complete() == before) return;
  board_.complete(index_, publisher) = completion.complete();
  const size_t owner = publisher % options_.threads;
  if (owner != index_) workers_[owner]->Wake();
}

void Worker::Publish(const Plan& plan, bool measured) {
  Post([this, plan, measured] {
    if (!OpenPublishers()) return;
    if (!began_publishing_) BeginPublishing();
    for (Publisher& publisher : publishers_) {
      publisher.pacer = Pacer(plan, board_.published(publisher.number));
    }
    measured_ = measured;
    publishing_ = true;
  });
}

// Nobody waits for those that stop reading.
void Worker::BeginPublishing() {
  began_publishing_ = true;
  for (Client& client : clients_) {
    if (!client.stalls()) continue;
    client.StopReading();
    for (Completion& completion : completions_) completion.RemoveClient(0);
  }
}

bool Worker::OpenPublishers() {
  const bool http = options_.publish == PublishWay::kHttp;
  if (!http && options_.publish != PublishWay::kRedis) return true;
  for (size_t i = 0; i < publishers_.size(); ++i) {
    std::unique_ptr<Sink>& sink = publishers_[i].sink;
    if (sink != nullptr) continue;
    if (http) {
      sink = std::make_unique<HttpSink>(options_);
    } else {
      sink = std::make_unique<RedisSink>(options_);
    }
    const Result<void> opened = sink->Open(epoll_.get(), kTagPublisher + i);
    if (opened) continue;
    board_.Fail("publisher: " + opened.error().detail);
    return false;
  }
  return true;
}

bool Worker::IsReady(const Publisher& publisher) const {
  if (publisher.sink != nullptr) return publisher.sink->is_ready();
  return !clients_[publisher.number / options_.threads].has_unsent();
}

// Where nobody gets everything nothing is ever complete everywhere; the rate alone rules.
uint64_t Worker::CompleteFor(size_t publisher) const {
  return boxes_ ? board_.published(publisher).load() : board_.CompleteEverywhere(publisher);
}

void Worker::Pump(Publisher& publisher) {
  const int64_t now = NowNs();
  if (IsReady(publisher)) {
    const size_t due = publisher.pacer.Due(now, CompleteFor(publisher.number));
    if (due > 0) Hand(publisher, due, now);
  }
  if (!publisher.pacer.IsFinished(now) || board_.finished(publisher.number)) return;
  board_.finished(publisher.number) = true;
  for (Worker* worker : workers_) {
    if (worker != this) worker->Wake();
  }
}

void Worker::Hand(Publisher& publisher, size_t n, int64_t now_ns) {
  std::atomic<uint64_t>& published = board_.published(publisher.number);
  Stamp stamp{.run = run_,
              .publisher = static_cast<uint32_t>(publisher.number),
              .sequence = published,
              .sent_ns = publisher.pacer.Sent(n, now_ns)};
  published += n;
  std::vector<std::string> texts(n);
  for (std::string& text : texts) {
    if (publisher.sink != nullptr) {
      writer_.AppendEnvelope(text, stamp);
    } else {
      writer_.AppendBroadcast(text, stamp);
    }
    ++stamp.sequence;
    stamp.sent_ns += publisher.pacer.interval_ns();
  }
  if (publisher.sink == nullptr) {
    return clients_[publisher.number / options_.threads].SendPackets(texts);
  }
  const Result<void> handed = publisher.sink->Publish(texts);
  if (!handed) board_.Fail("publisher: " + handed.error().detail);
}

void Worker::ArmTimer() {
  const int64_t now = NowNs();
  int64_t next = 0;
  for (const Publisher& publisher : publishers_) {
    // One that waits for its answer or for deliveries is woken by them.
    if (!IsReady(publisher)) continue;
    const int64_t due = publisher.pacer.NextDue_ns();
    if (due > now && (next == 0 || due < next)) next = due;
  }
  if (next == armed_ns_) return;
  armed_ns_ = next;
  const itimerspec when{.it_interval = {}, .it_value = {next / kNsPerSecond, next % kNsPerSecond}};
  CHECK(timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr) == 0);
}

void Worker::ReportIfDone() {
  if (!board_.AllFinished() || !HasAll()) return;
  if (returning_ && joined_ + result_.lost_clients < clients_.size()) return;
  publishing_ = false;
  measured_ = false;
  board_.MarkDone(index_);
}

bool Worker::HasAll() {
  if (boxes_) {
    const std::vector<uint64_t> published = AllPublished();
    if (published != expected_of_) {
      expected_ = boxes_->Expected(published);
      expected_of_ = published;
    }
    return boxes_->received() >= expected_;
  }
  for (size_t p = 0; p < completions_.size(); ++p) {
    if (completions_[p].complete() < board_.published(p)) return false;
  }
  return true;
}

std::vector<uint64_t> Worker::AllPublished() {
  std::vector<uint64_t> published;
  for (size_t p = 0; p < options_.publishers; ++p) published.push_back(board_.published(p));
  return published;
}

WorkerResult Worker::TakeResult() {
  for (const Client& client : clients_) {
    if (client.is_lost() || client.stalls()) continue;
    for (size_t p = 0; p < options_.publishers; ++p) {
      checker_.Finish(LocalIndex(client), p, board_.published(p));
    }
  }
  result_.faults = checker_.faults();
  if (boxes_) {
    result_.faults = boxes_->Faults(AllPublished());
    result_.uninvited = boxes_->uninvited();
  }
  for (const Publisher& publisher : publishers_) {
    if (publisher.sink != nullptr) result_.requests += publisher.sink->requests();
  }
  return std::move(result_);
}

}  // namespace trackwire::bench
