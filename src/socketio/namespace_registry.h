#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "socketio/adapter.h"
#include "socketio/adapter_seat.h"
#include "socketio/namespace.h"
#include "socketio/options.h"
#include "socketio/parent_namespace.h"

namespace trackwire::socketio {

struct ShardPart;

/// How many use a namespace that goes with the last of them. Outlives it.
struct NamespaceLife {
  std::string name;
  std::weak_ptr<class NamespaceRegistry> registry;
  std::atomic<uint32_t> uses{0};
};

/// Why a client gets no seat in a namespace that would have been made for it.
enum class NamespaceError : uint8_t {
  kUnknown,  ///< no parent takes the name
  kFull,     ///< there are as many as there may be
  kBroken,   ///< a handler threw while it was made
};

/// The namespaces of a server.
///
/// Those that were there when it was sealed are found without a lock on any thread; each shard
/// keeps those children itself in which it has clients. The rest, and what is made later, is behind
/// a mutex, which is held for look-ups only and never while the program's code runs.
class NamespaceRegistry : public std::enable_shared_from_this<NamespaceRegistry> {
 public:
  NamespaceRegistry(const Options& options, std::vector<net::Shard*> shards)
      : options_(options), shards_(std::move(shards)) {}
  ~NamespaceRegistry();

  /// Before anything else.
  void set_parts(std::vector<ShardPart*> parts) { parts_ = std::move(parts); }
  /// From now on other threads may look: what is made later is not found without a lock.
  void Seal() { sealed_.store(true, std::memory_order_relaxed); }

  // Before it is sealed.
  ParentNamespace& AddParent(NamespaceMatcher matcher);
  ParentNamespace& AddParent(NamePattern pattern);
  void OnNew(std::function<void(Namespace&)> handler) { on_new_.push_back(std::move(handler)); }

  /// Creates or finds; what it gives stays.
  Namespace& Of(std::string name);
  /// Nothing when there is none.
  std::shared_ptr<Namespace> Find(std::string_view name);

  /// Without a lock.
  Namespace* FindFixed(std::string_view name) const {
    const auto found = fixed_.find(name);
    return found == fixed_.end() ? nullptr : found->second.get();
  }
  /// Whether a client may want to join several namespaces.
  bool several() const { return dynamic() || fixed_.size() > 1; }
  /// Whether there may be others than the fixed ones.
  bool dynamic() const { return dynamic_.load(std::memory_order_acquire); }
  const std::vector<std::unique_ptr<ParentNamespace>>& parents() const { return parents_; }

  using Made = std::function<void(Result<Namespace*, NamespaceError>, NamespaceHold)>;
  /// False: there is no such child. Else `done` runs, now or once it is ready, on any thread.
  bool Join(std::string_view name, Made done);
  /// The same, but makes it first where that is necessary; then its handlers are set on this
  /// thread.
  void Make(const std::string& name, ParentNamespace* parent, Made done);
  /// Nobody used it a moment ago.
  void Idle(const NamespaceLife& life);
  std::vector<std::shared_ptr<Namespace>> ChildrenOf(const ParentNamespace& parent);

  void StartAdapters(std::function<void()> done);
  void StopAdapters();
  AdapterCounters adapter_counters();

 private:
  enum class State : uint8_t { kMaking, kReady, kBroken };
  struct Child {
    std::shared_ptr<Namespace> nsp;
    const ParentNamespace* parent = nullptr;
    State state = State::kMaking;
    bool kept = false;  ///< Of() gave it away
    std::vector<Made> waiting;
  };
  using Map = std::unordered_map<std::string, Child, StringHash, std::equal_to<>>;

  /// The first that takes the name without being asked.
  ParentNamespace* PatternFor(std::string_view name) const;
  std::shared_ptr<Namespace> New(const std::string& name);
  /// Enters a new child, to be made ready by the caller. With the mutex.
  Child& Enter(const std::string& name, ParentNamespace* parent);
  void MakeReady(Namespace& nsp, ParentNamespace* parent);
  /// Runs the program's handlers; false when one threw.
  bool Prepare(Namespace& nsp, ParentNamespace* parent);
  void Announce(Namespace& nsp);
  static void Tell(const Made& done, const std::shared_ptr<Namespace>& nsp, State state);
  static std::shared_ptr<Namespace> Held(const std::shared_ptr<Namespace>& nsp);
  void StopAdapter(const Namespace& nsp);
  static void Dispose(std::shared_ptr<Namespace> nsp);
  std::vector<std::shared_ptr<AdapterSeat>> Seats();
  /// The same with the mutex.
  std::vector<std::shared_ptr<AdapterSeat>> SeatsNow() const;

  const Options& options_;
  const std::vector<net::Shard*> shards_;
  std::vector<ShardPart*> parts_;
  std::unordered_map<std::string, std::shared_ptr<Namespace>, StringHash, std::equal_to<>> fixed_;
  std::vector<std::unique_ptr<ParentNamespace>> parents_;
  std::vector<std::function<void(Namespace&)>> on_new_;
  std::atomic<bool> sealed_{false};
  std::atomic<bool> dynamic_{false};
  std::atomic<uint32_t> made_{0};
  std::atomic<bool> adapters_stopped_{false};  // their bus may be gone: nobody gets another one

  // Guards what follows: namespaces come and go on any shard, seldom beside packets.
  std::mutex mutex_;
  Map children_;
  bool adapters_running_ = false;
  AdapterCounters gone_;  // what adapters counted that are no more
};

}  // namespace trackwire::socketio
