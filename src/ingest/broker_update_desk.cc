#include "ingest/broker_update_desk.h"

#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "ingest/update_watches.h"

namespace trackwire::ingest {
namespace {

using namespace std::chrono_literals;

constexpr const char* kAsked = "update:asked";          ///< of gateways
constexpr const char* kAnnounced = "update:announced";  ///< heard of others
constexpr size_t kMaxWatched = 1'000;
constexpr auto kKeep = 1h;
constexpr auto kTellRefusedEvery = 10s;

std::string NewRequestId() { return base::Base64UrlEncode(base::RandomBytes(15)); }

}  // namespace

/// Callbacks on their way hold it weakly.
struct BrokerUpdateDesk::Desk : std::enable_shared_from_this<BrokerUpdateDesk::Desk> {
  Desk(net::Loop& loop, broker::Broker& the_broker, broker::NotificationSink& sink,
       const Clock& time, Options chosen)
      : control(loop),
        broker(the_broker),
        clock(time),
        options(std::move(chosen)),
        watches(std::make_shared<UpdateWatches>(loop, the_broker, sink, time, options)) {}

  void Start();
  void Stop();
  std::unique_ptr<broker::TaskQueue::Worker> Work(const char* queue, bool foreign);
  void OnTask(const broker::Task& task, bool foreign);
  void Leave(UpdateRequest request, Done<UpdateState> done);
  void OnAnnounced(std::string_view message);

  net::Loop& control;
  broker::Broker& broker;
  const Clock& clock;
  const Options options;
  const std::shared_ptr<UpdateWatches> watches;
  std::unique_ptr<broker::TaskQueue::Worker> asked;
  std::unique_ptr<broker::TaskQueue::Worker> announced;
  std::unique_ptr<broker::PubSub::Subscription> news;
  Steady::time_point refused_told_at{};
  bool stopped = false;
};

void BrokerUpdateDesk::Desk::Start() {
  watches->Start();
  if (options.gateway) asked = Work(kAsked, false);
  // Who asks providers instead of us hears announcements itself.
  if (options.external) return;
  announced = Work(kAnnounced, true);
  news = broker.pub_sub().Subscribe(kUpdateRequests, [weak = weak_from_this()](auto message) {
    if (auto self = weak.lock()) self->OnAnnounced(message);
  });
}

void BrokerUpdateDesk::Desk::Stop() {
  stopped = true;
  watches->Stop();
  news.reset();
  announced.reset();
  asked.reset();
}

std::unique_ptr<broker::TaskQueue::Worker> BrokerUpdateDesk::Desk::Work(const char* queue,
                                                                       bool foreign) {
  broker::TaskQueue::WorkOptions work;
  work.max_at_once = kMaxWatched;
  work.lease = options.lease;
  return broker.tasks().Work(queue, work, [weak = weak_from_this(), foreign](broker::Task task) {
    auto self = weak.lock();
    if (self && !self->stopped) self->OnTask(task, foreign);
  });
}

void BrokerUpdateDesk::Desk::OnTask(const broker::Task& task, bool foreign) {
  broker::TaskQueue::Worker& worker = foreign ? *announced : *asked;
  auto request = ParseUpdateRequest(task.payload);
  if (!request) {
    base::LogError("updates", "a task that is no request is dropped", {{"task", task.id}});
    return worker.Finish(task.id);
  }
  watches->Begin(std::move(*request), task, worker, foreign);
}

void BrokerUpdateDesk::Desk::Leave(UpdateRequest request, Done<UpdateState> done) {
  if (stopped) return done(Err("unavailable", "the server is stopping"));
  request.requested_at = clock.WallNow();
  request.deadline = request.requested_at + options.deadline;
  UpdateState state{std::move(request), UpdateStatus::kQueued, "", clock.WallNow()};
  std::string provider;
  if (auto reason = watches->Refusal(state.request.tracker_id, &provider)) {
    state.status = UpdateStatus::kFailed;
    state.reason = std::move(*reason);
    watches->TellAtOnce(state);
    return done(std::move(state));
  }
  // First, so that what its watch keeps is never written over.
  const std::string id = state.request.request_id;
  broker.cache().Put(RecordKey(id), ToJson(UpdateRecord{state, "", ""}), kKeep);
  broker.tasks().Add(
      kAsked, id, ToJson(state.request), options.max_waiting,
      [weak = weak_from_this(), state, done = std::move(done)](const auto& added) {
        auto self = weak.lock();
        if (added) return done(state);
        if (!self || added.error().code != "queue_full") {
          if (self) self->broker.cache().Remove(RecordKey(state.request.request_id));
          return done(Err("unavailable", added.error().detail));
        }
        UpdateState full = state;
        full.status = UpdateStatus::kFailed;
        full.reason = "queue_full";
        self->watches->TellAtOnce(full);
        done(std::move(full));
      });
}

void BrokerUpdateDesk::Desk::OnAnnounced(std::string_view message) {
  auto read = ReadAnnouncement(message, clock.WallNow());
  if (!read) {
    watches->CountRefused();
    if (clock.Now() - refused_told_at > kTellRefusedEvery) {
      refused_told_at = clock.Now();
      base::LogWarn("updates", "an announced request is refused",
                    {{"code", read.error().code}, {"detail", read.error().detail}});
    }
    return;
  }
  if (!*read) return;
  UpdateRequest request = std::move(**read);
  request.deadline = request.requested_at + options.deadline;
  // All who hear it leave it under one key, so that it is taken once.
  const std::string key = request.request_id.empty() ? std::string(message) : request.request_id;
  broker.tasks().Add(kAnnounced, key, ToJson(request), options.max_waiting,
                     [weak = weak_from_this(), request](const auto& added) {
                       auto self = weak.lock();
                       if (added || !self) return;
                       self->watches->CountRefused();
                       base::LogWarn("updates", "an announced request is lost",
                                     {{"tracker", request.tracker_id.ToText()},
                                      {"code", added.error().code}});
                     });
}

BrokerUpdateDesk::BrokerUpdateDesk(net::Loop& control, broker::Broker& broker,
                                   broker::NotificationSink& sink, const Clock& clock,
                                   Options options)
    : desk_(std::make_shared<Desk>(control, broker, sink, clock, std::move(options))) {}

BrokerUpdateDesk::~BrokerUpdateDesk() { desk_->Stop(); }

void BrokerUpdateDesk::Start() { desk_->Start(); }

void BrokerUpdateDesk::Stop() { desk_->Stop(); }

void BrokerUpdateDesk::Request(tracking::Id tracker, std::optional<std::string> socket_id,
                               std::string requested_by, Done<UpdateState> done) {
  UpdateRequest request;
  request.request_id = NewRequestId();
  request.tracker_id = std::move(tracker);
  request.socket_id = std::move(socket_id);
  request.requested_by = std::move(requested_by);
  desk_->control.Post([desk = desk_, request = std::move(request), done = std::move(done)] {
    desk->Leave(request, done);
  });
}

void BrokerUpdateDesk::Find(std::string request_id, Done<std::optional<UpdateState>> done) {
  desk_->control.Post([desk = desk_, id = std::move(request_id), done = std::move(done)] {
    if (desk->stopped) return done(Err("unavailable", "the server is stopping"));
    desk->broker.cache().Get(RecordKey(id), [done](const std::optional<std::string>& kept) {
      auto record = kept ? ParseUpdateRecord(*kept) : std::nullopt;
      if (!record) return done(std::optional<UpdateState>());
      done(std::optional<UpdateState>(std::move(record->state)));
    });
  });
}

UpdateCounters BrokerUpdateDesk::counters() const { return desk_->watches->counters(); }

}  // namespace trackwire::ingest
