#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/unique_function.h"
#include "graphql/context.h"

namespace trackwire::graphql {

/// Loads values by key for the fields of one request: what all fields of a level want is asked for
/// at once, and nothing twice.
///
/// A member of a Context, on the execution's thread. `V` is copied to who waits: make it cheap.
template <typename K, typename V>
class Loader final : public LoaderBase {
 public:
  using Value = Result<std::optional<V>>;
  using Waiter = UniqueFunction<void(const Value&)>;
  /// The values in the order of the keys; nothing for a key without value.
  using Values = Result<std::vector<std::optional<V>>>;
  /// Asks for many. `done` on the execution's thread, at once or later.
  using Batch = std::function<void(std::vector<K> keys, UniqueFunction<void(Values)> done)>;

  Loader(Context& context, Batch batch)
      : context_(context), batch_(std::move(batch)), state_(std::make_shared<State>()) {
    context.Add(this);
  }

  void Load(const K& key, Waiter waiter) {
    Entry& entry = state_->entries[key];
    if (entry.value) return waiter(*entry.value);
    if (entry.waiters.empty()) wanted_.push_back(key);
    entry.waiters.push_back(std::move(waiter));
  }

  bool Flush() override {
    if (wanted_.empty()) return false;
    std::vector<K> keys = std::exchange(wanted_, {});
    auto done = [this, weak = std::weak_ptr<State>(state_), keys](Values values) {
      // Without its state the loader has gone, and nobody waits.
      if (weak.expired()) return;
      context_.Together([&] { Take(keys, values); });
    };
    batch_(std::move(keys), std::move(done));
    return true;
  }

  void Forget() override {
    for (auto entry = state_->entries.begin(); entry != state_->entries.end();) {
      entry = entry->second.value ? state_->entries.erase(entry) : std::next(entry);
    }
  }

 private:
  struct Entry {
    std::optional<Value> value;
    std::vector<Waiter> waiters;
  };
  struct State {
    std::map<K, Entry> entries;
  };

  void Take(const std::vector<K>& keys, Values& values) {
    CHECK(!values || values->size() == keys.size());
    const auto state = state_;
    for (size_t i = 0; i < keys.size(); ++i) {
      const Value value = values ? Value((*values)[i]) : Value(Err(Error(values.error())));
      std::vector<Waiter> waiters;
      if (Entry& entry = state->entries[keys[i]]; true) {
        entry.value = value;
        waiters.swap(entry.waiters);
      }
      for (Waiter& waiter : waiters) waiter(value);
    }
  }

  Context& context_;
  const Batch batch_;
  std::shared_ptr<State> state_;
  std::vector<K> wanted_;
};

}  // namespace trackwire::graphql
