#pragma once

#include <memory>

#include "broker/broker.h"
#include "ingest/position_intake.h"
#include "net/loop.h"

namespace trackwire::gateway {

/// Works the queue of what trackers say of themselves, in order, while its process has the task of
/// the provider `push`. Begin() and End() come from the thread that has the intake; the rest is the
/// broker's loop.
class PushWorker {
 public:
  /// Both outlive it.
  PushWorker(net::Loop& control, broker::Broker& broker) : control_(control), broker_(broker) {}

  /// `intake` lives until End() has returned. Neither from the broker's loop.
  void Begin(ingest::PositionIntake& intake);
  /// What is not stored by now goes to the next one that has the task.
  void End();

 private:
  struct Run;

  net::Loop& control_;
  broker::Broker& broker_;
  std::shared_ptr<Run> run_;
};

}  // namespace trackwire::gateway
