#include "ingest/push_desk.h"

#include <utility>

#include "ingest/report_codec.h"

namespace trackwire::ingest {
namespace {

/// Above it trackers are asked to come again: they keep what they have.
constexpr size_t kMaxWaiting = 100'000;

class IntakePushDesk final : public PushDesk {
 public:
  explicit IntakePushDesk(PositionIntake& intake) : intake_(intake) {}
  void Take(std::vector<FixReport> reports, Done done) override {
    const bool taken = intake_.Offer(std::move(reports), [done] { done(Ok()); });
    if (!taken) done(Err("queue_full", "too many positions wait to be stored"));
  }

 private:
  PositionIntake& intake_;
};

class QueuePushDesk final : public PushDesk {
 public:
  explicit QueuePushDesk(broker::TaskQueue& tasks) : tasks_(tasks) {}
  void Take(std::vector<FixReport> reports, Done done) override {
    tasks_.Add(kPushQueue, "", EncodeReports(reports), kMaxWaiting,
               [done = std::move(done)](const Result<broker::TaskQueue::Added>& added) {
                 if (added) return done(Ok());
                 done(Err(added.error()));
               });
  }

 private:
  broker::TaskQueue& tasks_;
};

}  // namespace

std::unique_ptr<PushDesk> MakeIntakePushDesk(PositionIntake& intake) {
  return std::make_unique<IntakePushDesk>(intake);
}

std::unique_ptr<PushDesk> MakeQueuePushDesk(broker::TaskQueue& tasks) {
  return std::make_unique<QueuePushDesk>(tasks);
}

}  // namespace trackwire::ingest
