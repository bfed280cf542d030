// Trackers that push: the routes they speak to, and the one gateway that works what they said.
#include <algorithm>
#include <future>

#include "base/log.h"
#include "formats/told_position.h"
#include "gateway/fetch_service.h"
#include "gateway/ingest_config_keys.h"
#include "gateway/parts.h"
#include "ingest/tracker_check.h"

namespace trackwire::gateway {

void Gateway::Parts::MakePush() {
  push.desk = positions != nullptr ? ingest::MakeIntakePushDesk(*positions)
                                   : ingest::MakeQueuePushDesk(broker->tasks());
  PushGate::Options options;
  options.open = config.ingest_open;
  options.max_future_skew = PositionLimits(config).max_future_skew;
  push.gate =
      std::make_unique<PushGate>(control, board, *push.desk, *tracker_admin, clock, options);
  api::PushServices& services = push.services;
  services.tokens = tokens.get();
  services.clock = &clock;
  services.open = config.ingest_open;
  services.speed_unit_mps = SpeedUnitOf(config);
  services.max_body_bytes = static_cast<size_t>(config.limits_max_payload_bytes);
  services.take = [this](std::optional<tracking::Id> named, api::PushMessage message,
                         std::function<void(Result<void>)> done) {
    control.Post([this, named = std::move(named), message = std::move(message),
                  done = std::move(done)]() mutable {
      push.gate->Take(std::move(named), std::move(message), std::move(done));
    });
  };
  using Push = api::PushEndpoint;
  push.osmand = std::make_unique<Push>(*access, services, Push::Format::kOsmand);
  push.owntracks = std::make_unique<Push>(*access, services, Push::Format::kOwntracks);
  router.Mount(Push::kOsmandPath, push.osmand.get());
  router.Mount(std::string(Push::kOsmandPath) + "/", push.osmand.get());
  router.Mount(Push::kOwntracksPath, push.owntracks.get());
}

void Gateway::Parts::MakeTold() {
  if (!config.ingest_from_notifications) return;
  control.Run([this] {
    dispatch->SetReadForm([](std::string_view notification, WallTime told_at) {
      auto read = formats::ReadToldPosition(notification, told_at);
      return read ? std::move(read->plain_json) : std::string();
    });
  });
  ToldPositions::Options options;
  options.makes_unknown = VisibilityRulesOf(config).unknown_trackers_public;
  options.max_trackers = notify::kMaxLearnedTrackers;
  options.max_future_skew = PositionLimits(config).max_future_skew;
  options.log_lifetime = std::chrono::seconds(config.broker_expiry_s);
  told = std::make_unique<ToldPositions>(control, *broker, board, clock, options);
}

void Gateway::Parts::StartPush() {
  if (told != nullptr && positions != nullptr) told->Begin(*positions);
  if (config.ingest_open) {
    base::LogWarn("gateway", "anybody can push positions: ingest.open is for tests");
  }
  if (positions != nullptr) return;
  push.worker = std::make_unique<PushWorker>(control, *broker);
  ProviderTask::Duty duty;
  duty.begin = [this](ingest::PositionIntake& opened) {
    push.worker->Begin(opened);
    if (told != nullptr) told->Begin(opened);
  };
  duty.end = [this] {
    if (told != nullptr) told->End();
    push.worker->End();
  };
  auto task = std::make_unique<ProviderTask>(
      ProviderTask::Context{control, *broker, config, clock}, ingest::kPushProvider,
      ProviderTask::MakeProvider(), std::move(duty));
  control.Run([this, &task] {
    push.task = std::move(task);
    push.task->Begin();
  });
}

void Gateway::Parts::StopPush(std::chrono::steady_clock::time_point deadline) {
  if (push.gate != nullptr) control.Run([this] { push.gate->Close(); });
  if (push.task == nullptr) return;
  auto ended = std::make_shared<std::promise<void>>();
  auto future = ended->get_future();
  control.Post([this, ended] { push.task->Stop([ended] { ended->set_value(); }); });
  // A little at least: what was taken shall be stored, and the task given back.
  const auto least = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  if (future.wait_until(std::max(deadline, least)) != std::future_status::ready) {
    base::LogWarn("gateway", "pushed positions under way are left to another gateway");
  }
  push.task->Join();
  control.Run([this] { push.task.reset(); });
}

}  // namespace trackwire::gateway
