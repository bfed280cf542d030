#include "net/timer_wheel.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <limits>

#include "base/check.h"
#include "net/guarded.h"

namespace trackwire::net {
namespace {

constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();

/// Steps from `from` to the next set bit, going round; 1 to `width`, or 0 when none is set.
uint64_t DistanceToSet(const uint64_t* words, size_t width, uint64_t from) {
  for (uint64_t step = 1; step <= width;) {
    const uint64_t index = (from + step) & (width - 1);
    const uint64_t word = words[index / 64] >> (index % 64);
    if (word != 0) {
      const uint64_t found = step + static_cast<uint64_t>(std::countr_zero(word));
      return found <= width ? found : 0;
    }
    step += 64 - index % 64;
  }
  return 0;
}

}  // namespace

void Timer::Start(TimerWheel& wheel, std::chrono::milliseconds after) {
  Cancel();
  wheel.Add(*this, after);
}

void Timer::Cancel() {
  if (previous_ == nullptr) return;
  previous_->next_ = next_;
  next_->previous_ = previous_;
  if (previous_ == next_) wheel_->Unlinked(*previous_);
  previous_ = next_ = nullptr;
  --wheel_->armed_;
}

TimerWheel::Slot::Slot() : Timer(nullptr, nullptr) { previous_ = next_ = this; }

TimerWheel::Slot::~Slot() {
  // Timers that outlive the wheel must not reach for it.
  for (Timer* timer = next_; timer != this;) {
    Timer* next = timer->next_;
    timer->previous_ = timer->next_ = nullptr;
    timer = next;
  }
  previous_ = next_ = nullptr;
}

TimerWheel::TimerWheel(const Clock& clock)
    : clock_(clock), origin_(clock.Now()), slots_(std::make_unique<std::array<Slot, kSlots>>()) {}

TimerWheel::~TimerWheel() = default;

uint64_t TimerWheel::TickOf(Steady::time_point time) const {
  return time <= origin_ ? 0 : static_cast<uint64_t>((time - origin_) / kTick);
}

void TimerWheel::Add(Timer& timer, std::chrono::milliseconds after) {
  const auto now = clock_.Now();
  // Ticks that passed while nothing was armed need no visit.
  if (armed_ == 0) current_ = std::max(current_, TickOf(now));
  const auto due = now + std::max(after, std::chrono::milliseconds(0));
  timer.wheel_ = this;
  timer.due_tick_ = TickOf(due + kTick - Steady::duration(1));
  Insert(timer);
  ++armed_;
}

void TimerWheel::Insert(Timer& timer) {
  const uint64_t due = std::max(timer.due_tick_, current_ + 1);
  const uint64_t delta = due - current_;
  int level = 0;
  while (level < kLevels - 1 && delta >= (uint64_t{1} << Shift(level + 1))) ++level;
  const uint64_t reach = (uint64_t{1} << (Shift(kLevels - 1) + kLevelBits)) - 1;
  const uint64_t place = current_ + std::min(delta, reach);
  const size_t index = Base(level) + ((place >> Shift(level)) & (Width(level) - 1));
  Slot& slot = (*slots_)[index];
  timer.previous_ = slot.previous_;
  timer.next_ = &slot;
  slot.previous_->next_ = &timer;
  slot.previous_ = &timer;
  occupied_[index / 64] |= uint64_t{1} << (index % 64);
}

void TimerWheel::Unlinked(const Timer& head) {
  // The head may also be the list that Expire() is working off.
  const auto* slot = static_cast<const Slot*>(&head);
  const std::less<const Slot*> before;
  if (before(slot, slots_->data()) || !before(slot, slots_->data() + kSlots)) return;
  const auto index = static_cast<size_t>(slot - slots_->data());
  occupied_[index / 64] &= ~(uint64_t{1} << (index % 64));
}

uint64_t TimerWheel::NextTick() const {
  uint64_t next = kNever;
  for (int level = 0; level < kLevels; ++level) {
    const uint64_t position = current_ >> Shift(level);
    const uint64_t distance =
        DistanceToSet(&occupied_[Base(level) / 64], Width(level), position & (Width(level) - 1));
    if (distance != 0) next = std::min(next, (position + distance) << Shift(level));
  }
  return next;
}

std::optional<Steady::time_point> TimerWheel::next_event() const {
  if (armed_ == 0) return std::nullopt;
  const uint64_t next = NextTick();
  if (next == kNever) return std::nullopt;
  return origin_ + next * kTick;
}

void TimerWheel::Advance(Steady::time_point now) {
  const uint64_t target = TickOf(now);
  while (current_ < target && armed_ > 0) {
    const uint64_t next = NextTick();
    if (next > target) break;
    current_ = next;
    for (int level = kLevels - 1; level > 0; --level) {
      if ((current_ & ((uint64_t{1} << Shift(level)) - 1)) == 0) Cascade(level);
    }
    Expire();
  }
  current_ = std::max(current_, target);
}

void TimerWheel::Cascade(int level) {
  Slot& slot = (*slots_)[Base(level) + ((current_ >> Shift(level)) & (Width(level) - 1))];
  Slot moving;
  if (slot.next_ == &slot) return;
  moving.next_ = slot.next_;
  moving.previous_ = slot.previous_;
  moving.next_->previous_ = moving.previous_->next_ = &moving;
  slot.previous_ = slot.next_ = &slot;
  Unlinked(slot);
  while (moving.next_ != &moving) {
    Timer& timer = *moving.next_;
    moving.next_ = timer.next_;
    timer.next_->previous_ = &moving;
    // Due at this very tick: into the slot that Expire() takes next.
    if (timer.due_tick_ <= current_) {
      Slot& due = (*slots_)[current_ & (kFirstSlots - 1)];
      timer.previous_ = due.previous_;
      timer.next_ = &due;
      due.previous_->next_ = &timer;
      due.previous_ = &timer;
    } else {
      Insert(timer);
    }
  }
}

void TimerWheel::Expire() {
  Slot& slot = (*slots_)[current_ & (kFirstSlots - 1)];
  if (slot.next_ == &slot) return;
  Slot due;
  due.next_ = slot.next_;
  due.previous_ = slot.previous_;
  due.next_->previous_ = due.previous_->next_ = &due;
  slot.previous_ = slot.next_ = &slot;
  Unlinked(slot);
  while (due.next_ != &due) {
    Timer& timer = *due.next_;
    timer.Cancel();
    // One that throws must not take the others of its tick with it.
    Guarded("timer", [&timer] { timer.callback_(timer.context_); });
  }
}

}  // namespace trackwire::net
