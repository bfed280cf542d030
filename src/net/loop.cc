#include "net/loop.h"

#include <pthread.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <optional>
#include <thread>

#include "base/check.h"
#include "net/guarded.h"
#include "net/task_list.h"
#include "net/timer_wheel.h"

namespace trackwire::net {
namespace {

/// How many handlers one turn runs before the writes of the turn go out.
constexpr int kHandlersPerTurn = 64;

}  // namespace

struct Loop::State {
  State(std::string loop_name, const Clock& loop_clock)
      : name(std::move(loop_name)), clock(loop_clock) {}

  void ArmWheel();
  void RunTasks();

  std::string name;
  const Clock& clock;
  boost::asio::io_context context{1};
  TimerWheel wheel{clock};
  boost::asio::steady_timer wake{context};
  std::optional<Steady::time_point> wake_at;
  std::optional<Steady::time_point> turn_time;
  TaskList tasks;
  bool stopping = false;
  std::atomic<std::thread::id> thread_id{};
  std::thread thread;
};

void Loop::State::RunTasks() {
  auto batch = tasks.TakeAll();
  while (auto task = batch.Next()) Guarded(name, *task);
}

void Loop::State::ArmWheel() {
  const auto next = wheel.next_event();
  if (!next || (wake_at && *wake_at <= *next)) return;
  wake_at = next;
  wake.expires_at(*next);
  wake.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    wake_at.reset();
    turn_time = clock.Now();
    wheel.Advance(*turn_time);
  });
}

Loop::Loop(std::string name, const Clock& clock)
    : state_(std::make_unique<State>(std::move(name), clock)) {}

Loop::~Loop() { Stop(); }

void Loop::Start() {
  CHECK(!state_->thread.joinable());
  state_->thread = std::thread([this] {
    State& state = *state_;
    state.thread_id = std::this_thread::get_id();
    pthread_setname_np(pthread_self(), state.name.substr(0, 15).c_str());
    const auto work = boost::asio::make_work_guard(state.context);
    while (!state.stopping) {
      Guarded(state.name, [&] { state.context.run_one(); });
      FinishTurn(1);
      state.ArmWheel();
      state.turn_time.reset();
    }
    state.tasks.Close();
    // The system gives the same id to threads started later.
    state.thread_id = std::thread::id();
  });
}

int Loop::FinishTurn(int handlers) {
  State& state = *state_;
  for (; handlers < kHandlersPerTurn; ++handlers) {
    size_t ran = 0;
    Guarded(state.name, [&] { ran = state.context.poll_one(); });
    if (ran == 0) break;
  }
  Guarded(state.name, [&] { OnTurnEnd(); });
  return handlers;
}

bool Loop::Poll() {
  State& state = *state_;
  CHECK(!state.thread.joinable());
  state.thread_id = std::this_thread::get_id();
  // It stops whenever nothing is left to wait for.
  state.context.restart();
  state.turn_time = state.clock.Now();
  state.wheel.Advance(*state.turn_time);
  const int handlers = FinishTurn(0);
  state.turn_time.reset();
  state.thread_id = std::thread::id();
  return handlers > 0;
}

void Loop::Stop() {
  CHECK(!InThread());
  if (state_->thread.joinable()) {
    Post([state = state_.get()] { state->stopping = true; });
    state_->thread.join();
  }
  state_->tasks.Close();
}

void Loop::Post(Task task) {
  State* state = state_.get();
  // Only the first task of a batch has to wake the loop: RunTasks() takes all there are by then.
  if (state->tasks.Push(std::move(task))) {
    boost::asio::post(state->context, [state] { state->RunTasks(); });
  }
}

void Loop::Run(Task task) {
  CHECK(!InThread());
  std::promise<void> done;
  auto finished = done.get_future();
  Post([task = std::move(task), done = std::move(done)]() mutable {
    task();
    task = nullptr;
    done.set_value();
  });
  // Ready also when the loop has ended and destroyed the task unrun.
  finished.wait();
}

bool Loop::InThread() const { return state_->thread_id == std::this_thread::get_id(); }

Steady::time_point Loop::now() const {
  if (!state_->turn_time) state_->turn_time = state_->clock.Now();
  return *state_->turn_time;
}

TimerWheel& Loop::timers() { return state_->wheel; }

boost::asio::io_context& Loop::context() { return state_->context; }

}  // namespace trackwire::net
