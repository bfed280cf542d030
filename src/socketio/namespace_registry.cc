#include "socketio/namespace_registry.h"

#include <algorithm>
#include <utility>

#include "socketio/guard.h"
#include "socketio/namespace_shard.h"

namespace trackwire::socketio {

NamespaceHold::NamespaceHold(std::shared_ptr<NamespaceLife> life) : life_(std::move(life)) {
  if (life_ != nullptr) life_->uses.fetch_add(1, std::memory_order_relaxed);
}

NamespaceHold::~NamespaceHold() {
  if (life_ == nullptr || life_->uses.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
  if (const auto registry = life_->registry.lock()) registry->Idle(*life_);
}

NamespaceRegistry::~NamespaceRegistry() = default;

ParentNamespace& NamespaceRegistry::AddParent(NamespaceMatcher matcher) {
  CHECK(!sealed_);
  dynamic_ = true;
  parents_.push_back(std::unique_ptr<ParentNamespace>(
      new ParentNamespace(*this, std::move(matcher), std::nullopt)));
  return *parents_.back();
}

ParentNamespace& NamespaceRegistry::AddParent(NamePattern pattern) {
  CHECK(!sealed_);
  dynamic_ = true;
  parents_.push_back(
      std::unique_ptr<ParentNamespace>(new ParentNamespace(*this, {}, std::move(pattern))));
  return *parents_.back();
}

ParentNamespace* NamespaceRegistry::PatternFor(std::string_view name) const {
  if (name.size() > kMaxDynamicName) return nullptr;
  const auto found = std::find_if(parents_.begin(), parents_.end(), [name](const auto& parent) {
    return parent->pattern_ && parent->pattern_->Matches(name);
  });
  return found == parents_.end() ? nullptr : found->get();
}

std::shared_ptr<Namespace> NamespaceRegistry::New(const std::string& name) {
  // Far apart: no namespace has so many sockets in one place while a reference is kept.
  const uint32_t generation = made_.fetch_add(1) * 65'537 + 1;
  return std::shared_ptr<Namespace>(new Namespace(name, shards_, parts_, generation));
}

void NamespaceRegistry::Announce(Namespace& nsp) {
  for (const auto& handler : on_new_) handler(nsp);
}

Namespace& NamespaceRegistry::Of(std::string name) {
  if (name.empty() || name[0] != '/') name.insert(name.begin(), '/');
  if (Namespace* fixed = FindFixed(name)) return *fixed;
  ParentNamespace* parent = PatternFor(name);
  if (!sealed_ && parent == nullptr) {
    const auto& nsp = fixed_[name] = New(name);
    Announce(*nsp);
    return *nsp;
  }
  std::unique_lock lock(mutex_);
  const auto found = children_.find(name);
  const bool is_new = found == children_.end();
  Child& child = is_new ? Enter(name, parent) : found->second;
  if (!std::exchange(child.kept, true) && child.nsp->life_ != nullptr) {
    child.nsp->life_->uses.fetch_add(1, std::memory_order_relaxed);
  }
  Namespace& nsp = *child.nsp;
  lock.unlock();
  if (is_new) MakeReady(nsp, parent);
  return nsp;
}

/// A pointer that gives the hold back when it goes.
std::shared_ptr<Namespace> NamespaceRegistry::Held(const std::shared_ptr<Namespace>& nsp) {
  if (nsp->life_ == nullptr) return {std::shared_ptr<void>(), nsp.get()};
  return {std::make_shared<NamespaceHold>(nsp->Hold()), nsp.get()};
}

std::shared_ptr<Namespace> NamespaceRegistry::Find(std::string_view name) {
  const auto fixed = fixed_.find(name);
  if (fixed != fixed_.end()) return Held(fixed->second);
  const std::lock_guard lock(mutex_);
  const auto child = children_.find(name);
  if (child == children_.end() || child->second.state != State::kReady) return nullptr;
  return Held(child->second.nsp);
}

std::vector<std::shared_ptr<Namespace>> NamespaceRegistry::ChildrenOf(
    const ParentNamespace& parent) {
  std::vector<std::shared_ptr<Namespace>> all;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, child] : children_) {
    if (child.parent == &parent && child.state == State::kReady) all.push_back(Held(child.nsp));
  }
  return all;
}

NamespaceRegistry::Child& NamespaceRegistry::Enter(const std::string& name,
                                                   ParentNamespace* parent) {
  Child& child = children_[name];
  child.nsp = New(name);
  child.nsp->dynamic_ = true;
  child.parent = parent;
  if (parent != nullptr) {  // now, for Of() gives it to other threads from here on
    child.nsp->CopyHandlers(*parent);
    child.nsp->recovery_ = parent->recovery_;
  }
  const bool goes =
      options_.cleanup_empty_child_namespaces && parent != nullptr && parent->recovery_ == nullptr;
  if (goes) {
    child.nsp->life_ = std::make_shared<NamespaceLife>();
    child.nsp->life_->name = name;
    child.nsp->life_->registry = weak_from_this();
  }
  dynamic_.store(true, std::memory_order_release);
  return child;
}

void NamespaceRegistry::Tell(const Made& done, const std::shared_ptr<Namespace>& nsp, State state) {
  if (state == State::kBroken) return done(Err(NamespaceError::kBroken), {});
  done(nsp.get(), nsp->Hold());
}

bool NamespaceRegistry::Join(std::string_view name, Made done) {
  std::unique_lock lock(mutex_);
  const auto found = children_.find(name);
  if (found == children_.end()) return false;
  Child& child = found->second;
  if (child.state == State::kMaking) {
    child.waiting.push_back(std::move(done));
    return true;
  }
  // Held before the lock is gone.
  const State state = child.state;
  const auto nsp = child.nsp;
  const NamespaceHold hold = nsp->Hold();
  lock.unlock();
  Tell(done, nsp, state);
  return true;
}

void NamespaceRegistry::Make(const std::string& name, ParentNamespace* parent, Made done) {
  if (Join(name, done)) return;
  std::unique_lock lock(mutex_);
  const auto found = children_.find(name);
  if (found != children_.end()) {  // made a moment ago
    lock.unlock();
    return Make(name, parent, std::move(done));
  }
  if (children_.size() >= options_.max_child_namespaces) {
    lock.unlock();
    return done(Err(NamespaceError::kFull), {});
  }
  Child& child = Enter(name, parent);
  child.waiting.push_back(std::move(done));
  Namespace& nsp = *child.nsp;
  const NamespaceHold hold = nsp.Hold();
  lock.unlock();
  MakeReady(nsp, parent);
}

bool NamespaceRegistry::Prepare(Namespace& nsp, ParentNamespace* parent) {
  return Guarded("namespace", {}, [&] {
    if (parent != nullptr) {
      nsp.participates_ = parent->participates_;
      if (parent->make_adapter_ && !adapters_stopped_) {
        nsp.Seat(parent->make_adapter_(nsp), parent->share_credentials_);
      }
      for (const auto& handler : parent->on_create_) handler(nsp);
    }
    Announce(nsp);
  });
}

void NamespaceRegistry::MakeReady(Namespace& nsp, ParentNamespace* parent) {
  const bool good = Prepare(nsp, parent);
  std::unique_lock lock(mutex_);
  const auto found = children_.find(nsp.name());
  Child& child = found->second;
  child.state = good ? State::kReady : State::kBroken;
  const auto waiting = std::exchange(child.waiting, {});
  auto ready = child.nsp;
  const State state = child.state;
  const bool start = good && adapters_running_ && ready->seat_ != nullptr;
  // What somebody has a reference to stays, of no use to clients; else the next may try again.
  const bool drop = !good && !child.kept;
  if (drop) {
    children_.erase(found);
    StopAdapter(*ready);
  }
  lock.unlock();
  if (start) {
    ready->seat_->loop.Post([seat = ready->seat_] {
      if (seat->adapter != nullptr) seat->adapter->Start([] {});
    });
  }
  for (const Made& done : waiting) Tell(done, ready, state);
  if (drop) Dispose(std::move(ready));
}

void NamespaceRegistry::Idle(const NamespaceLife& life) {
  std::shared_ptr<Namespace> gone;
  {
    const std::lock_guard lock(mutex_);
    const auto found = children_.find(life.name);
    if (found == children_.end() || found->second.state == State::kMaking) return;
    // Another of the same name, or used again meanwhile: who does so has this mutex.
    if (found->second.nsp->life_.get() != &life || life.uses.load() > 0) return;
    gone = std::move(found->second.nsp);
    children_.erase(found);
    StopAdapter(*gone);  // before the next of this name can start its own
  }
  Dispose(std::move(gone));
}

namespace {

/// Lets each shard have its part of a namespace to destroy, behind all that was posted there from
/// this thread; the namespace itself goes with the last.
struct Dismantling {
  std::shared_ptr<Namespace> nsp;
  std::vector<std::unique_ptr<NamespaceShard>> parts;

  ~Dismantling() {
    for (auto& part : parts) {
      net::Shard& shard = part->part().shard;
      shard.Post([nsp = nsp, part = std::move(part)]() mutable { part.reset(); });
    }
  }
};

}  // namespace

void NamespaceRegistry::StopAdapter(const Namespace& nsp) {
  const auto seat = nsp.seat_;
  if (seat == nullptr) return;
  seat->loop.Post([self = weak_from_this(), seat] {
    if (seat->adapter == nullptr) return;
    if (const auto registry = self.lock()) {
      const std::lock_guard lock(registry->mutex_);
      registry->gone_.Add(seat->adapter->counters());
    }
    seat->adapter.reset();
  });
}

/// An adapter works on it until it is gone, on its own loop.
void NamespaceRegistry::Dispose(std::shared_ptr<Namespace> nsp) {
  auto parts = std::make_unique<Dismantling>();
  const auto seat = nsp->seat_;
  parts->parts = std::move(nsp->parts_);
  parts->nsp = std::move(nsp);
  if (seat != nullptr) seat->loop.Post([parts = std::move(parts)] {});
}

std::vector<std::shared_ptr<AdapterSeat>> NamespaceRegistry::Seats() {
  const std::lock_guard lock(mutex_);
  return SeatsNow();
}

std::vector<std::shared_ptr<AdapterSeat>> NamespaceRegistry::SeatsNow() const {
  std::vector<std::shared_ptr<AdapterSeat>> seats;
  for (const auto& [name, nsp] : fixed_) {
    if (nsp->seat_ != nullptr) seats.push_back(nsp->seat_);
  }
  for (const auto& [name, child] : children_) {
    if (child.state == State::kReady && child.nsp->seat_) seats.push_back(child.nsp->seat_);
  }
  return seats;
}

void NamespaceRegistry::StartAdapters(std::function<void()> done) {
  const auto all = std::make_shared<std::function<void()>>(std::move(done));
  // Runs with the last of those that hold it.
  const std::shared_ptr<void> ready(nullptr, [all](void*) {
    if (*all) (*all)();
  });
  std::unique_lock lock(mutex_);
  const auto seats = SeatsNow();
  adapters_running_ = true;  // those that are made later start by themselves
  lock.unlock();
  for (const auto& seat : seats) {
    seat->loop.Post([seat, ready] {
      if (seat->adapter != nullptr) seat->adapter->Start([ready] {});
    });
  }
}

void NamespaceRegistry::StopAdapters() {
  {
    const std::lock_guard lock(mutex_);
    adapters_running_ = false;
    adapters_stopped_ = true;
  }
  for (const auto& seat : Seats()) {
    seat->loop.Run([seat] { seat->adapter.reset(); });
  }
}

AdapterCounters NamespaceRegistry::adapter_counters() {
  AdapterCounters sum;
  for (const auto& seat : Seats()) {
    seat->loop.Run([&sum, &seat = *seat] {
      if (seat.adapter != nullptr) sum.Add(seat.adapter->counters());
    });
  }
  const std::lock_guard lock(mutex_);
  sum.Add(gone_);
  return sum;
}

}  // namespace trackwire::socketio
