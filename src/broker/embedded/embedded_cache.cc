#include "broker/embedded/embedded_cache.h"

#include <utility>

namespace trackwire::broker {

/// The values, the one used last in front. Belongs to the loop.
struct EmbeddedCache::Table {
  struct Item {
    std::string key;
    std::string value;
    Steady::time_point expires_at;
  };
  using Items = std::list<Item>;

  /// What an item costs beside its texts: its nodes in the list and the index.
  static constexpr size_t kItemOverhead = 160;

  static size_t CostOf(const Item& item) {
    return item.key.size() + item.value.size() + kItemOverhead;
  }

  std::optional<std::string> Get(const std::string& key) {
    const auto found = index.find(key);
    if (found == index.end()) return std::nullopt;
    if (found->second->expires_at <= clock->Now()) {
      Erase(found->second);
      return std::nullopt;
    }
    items.splice(items.begin(), items, found->second);
    return found->second->value;
  }

  void Put(std::string key, std::string value, std::chrono::milliseconds ttl) {
    Remove(key);
    Item item{std::move(key), std::move(value), clock->Now() + ttl};
    const size_t cost = CostOf(item);
    if (ttl.count() <= 0 || cost > max_bytes) return;
    while (bytes + cost > max_bytes) Erase(std::prev(items.end()));
    items.push_front(std::move(item));
    index.emplace(items.front().key, items.begin());
    bytes += cost;
  }

  void Remove(const std::string& key) {
    const auto found = index.find(key);
    if (found != index.end()) Erase(found->second);
  }

  void Erase(Items::iterator item) {
    bytes -= CostOf(*item);
    index.erase(item->key);
    items.erase(item);
  }

  const Clock* clock = nullptr;
  size_t max_bytes = 0;
  size_t bytes = 0;
  Items items;
  std::unordered_map<std::string_view, Items::iterator> index;  ///< keys are those in `items`
};

EmbeddedCache::EmbeddedCache(net::Loop& loop, const Clock& clock, size_t max_bytes)
    : loop_(loop), table_(std::make_shared<Table>()) {
  table_->clock = &clock;
  table_->max_bytes = max_bytes;
}
EmbeddedCache::~EmbeddedCache() = default;

void EmbeddedCache::Get(std::string key, std::function<void(std::optional<std::string>)> done) {
  loop_.Post([weak = std::weak_ptr(table_), of = std::move(key), answer = std::move(done)] {
    if (auto table = weak.lock()) answer(table->Get(of));
  });
}

void EmbeddedCache::Put(std::string key, std::string value, std::chrono::milliseconds ttl) {
  loop_.Post([weak = std::weak_ptr(table_), of = std::move(key), text = std::move(value),
              ttl]() mutable {
    if (auto table = weak.lock()) table->Put(std::move(of), std::move(text), ttl);
  });
}

void EmbeddedCache::Remove(std::string key) {
  loop_.Post([weak = std::weak_ptr(table_), of = std::move(key)] {
    if (auto table = weak.lock()) table->Remove(of);
  });
}

}  // namespace trackwire::broker
