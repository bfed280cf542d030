#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/unique_function.h"

namespace boost::asio {
class io_context;
}

namespace trackwire::net {

class TimerWheel;

/// A thread that runs tasks, time-outs and Asio work, one at a time.
///
/// Tasks of one posting thread run in the order they were posted: exact delivery rests on it.
/// Everything but Post(), Stop() and InThread() belongs to the loop's own thread.
class Loop {
 public:
  using Task = UniqueFunction<void()>;

  /// `name` shows in thread lists (15 characters at most). Another `clock` than the machine's, for
  /// tests that call Poll(), must outlive the loop.
  explicit Loop(std::string name, const Clock& clock = Clock::System());
  virtual ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Starts the thread.
  void Start();
  /// For tests, instead of Start(): one turn with what is ready by now, on the calling thread,
  /// which counts as the loop's meanwhile. Whether there was anything beside time-outs.
  bool Poll();
  /// Asks the thread to end after the tasks already posted, and waits for it. Not from itself.
  void Stop();

  /// Any thread, without a lock; wakes the loop once for a batch. Tasks posted after Stop() are
  /// destroyed unrun.
  void Post(Task task);
  /// Runs `task` on the loop and waits until it has: for start-up and tests, never from a loop.
  void Run(Task task);
  bool InThread() const;

  /// The time at the start of this turn.
  Steady::time_point now() const;
  TimerWheel& timers();
  /// For Asio users (resolvers, signals, HTTP clients) in other layers' .cc files.
  boost::asio::io_context& context();

 protected:
  /// Called at the end of each turn of the loop, after tasks, time-outs and I/O of that turn.
  virtual void OnTurnEnd() {}

 private:
  /// Further handlers, up to a turn's worth, and the end of the turn. How many they were.
  int FinishTurn(int handlers);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trackwire::net
