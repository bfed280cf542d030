#pragma once

#include <fnmatch.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/loop.h"
#include "socketio/adapters/stream_id.h"
#include "socketio/bus.h"

namespace trackwire::testing {

class MemoryBus;

/// What several servers of one test reach: channels, streams and values. Thread-safe.
class MemoryHub {
 public:
  struct Subscription {
    MemoryBus* bus;
    std::string channel;
    socketio::Bus::Handler handler;
    bool is_pattern = false;

    bool Hears(const std::string& published) const {
      if (is_pattern) return fnmatch(channel.c_str(), published.c_str(), 0) == 0;
      return channel == published;
    }
  };

  std::mutex mutex;
  std::vector<Subscription> subscriptions;
  std::map<std::string, socketio::StreamLog::Entries> streams;
  std::map<std::string, std::string> values;
  std::vector<MemoryBus*> buses;
  uint64_t next_id = 0;

  std::optional<std::string> Value(const std::string& key) {
    const std::lock_guard lock(mutex);
    const auto found = values.find(key);
    if (found == values.end()) return std::nullopt;
    return found->second;
  }
};

/// One server's link to the hub. A plain and a sharded channel of one name are the same here.
class MemoryBus final : public socketio::Bus, public socketio::StreamLog {
 public:
  MemoryBus(MemoryHub& hub, net::Loop& loop) : hub_(hub), loop_(loop) {
    const std::lock_guard lock(hub_.mutex);
    hub_.buses.push_back(this);
  }
  ~MemoryBus() override {
    const std::lock_guard lock(hub_.mutex);
    std::erase(hub_.buses, this);
    std::erase_if(hub_.subscriptions, [this](const auto& one) { return one.bus == this; });
  }

  net::Loop& loop() override { return loop_; }
  void Publish(Kind, const std::string& channel, std::string message) override {
    const std::lock_guard lock(hub_.mutex);
    for (const MemoryHub::Subscription& one : hub_.subscriptions) {
      if (!one.Hears(channel)) continue;
      one.bus->loop_.Post([handler = one.handler, channel, message] { handler(channel, message); });
    }
  }
  void Subscribe(Kind kind, const std::string& channel, Handler handler,
                 std::function<void()> done) override {
    const std::lock_guard lock(hub_.mutex);
    hub_.subscriptions.push_back({this, channel, std::move(handler), kind == Kind::kPattern});
    if (done) loop_.Post(std::move(done));
  }
  void Unsubscribe(Kind, const std::string& channel) override {
    const std::lock_guard lock(hub_.mutex);
    std::erase_if(hub_.subscriptions,
                  [&](const auto& one) { return one.bus == this && one.channel == channel; });
  }
  void CountSubscribers(Kind, const std::string& channel,
                        std::function<void(Result<uint64_t>)> done) override {
    const std::lock_guard lock(hub_.mutex);
    const auto count = static_cast<uint64_t>(
        std::count_if(hub_.subscriptions.begin(), hub_.subscriptions.end(),
                      [&](const auto& one) { return !one.is_pattern && one.Hears(channel); }));
    loop_.Post([done = std::move(done), count] { done(count); });
  }

  void Append(const std::string& stream, std::vector<std::pair<std::string, std::string>> fields,
              size_t max_length, std::function<void(Result<std::string>)> done) override {
    if (append_error_) {
      return loop_.Post(
          [done = std::move(done), error = *append_error_] { done(Err(trackwire::Error(error))); });
    }
    std::string id = AppendTo(stream, std::move(fields), max_length);
    loop_.Post([done = std::move(done), id = std::move(id)] { done(id); });
  }
  void Follow(const std::string& stream, std::function<void(const Entries&)> handler) override {
    const std::lock_guard lock(hub_.mutex);
    followed_[stream] = {hub_.streams[stream].size(), std::move(handler)};
  }
  void Range(const std::string& stream, const std::string& first, const std::string& last,
             size_t max, std::function<void(Result<Entries>)> done) override {
    const std::lock_guard lock(hub_.mutex);
    Entries found;
    const bool open = first[0] == '(';
    const auto from = socketio::StreamId::Parse(std::string_view(first).substr(open ? 1 : 0));
    const auto to = socketio::StreamId::Parse(last);
    for (const Entry& entry : hub_.streams[stream]) {
      const auto id = socketio::StreamId::Parse(entry.id);
      if (found.size() == max || (to && *id > *to)) break;
      if (!from || *id > *from || (*id == *from && !open)) found.push_back(entry);
    }
    loop_.Post([done = std::move(done), found = std::move(found)] { done(found); });
  }
  void Put(const std::string& key, std::string value, std::chrono::milliseconds,
           std::function<void(Result<void>)> done) override {
    const std::lock_guard lock(hub_.mutex);
    hub_.values[key] = std::move(value);
    loop_.Post([done = std::move(done)] { done(Ok()); });
  }
  void Take(const std::string& key,
            std::function<void(Result<std::optional<std::string>>)> done) override {
    const std::lock_guard lock(hub_.mutex);
    std::optional<std::string> value;
    if (const auto node = hub_.values.extract(key)) value = node.mapped();
    loop_.Post([done = std::move(done), value = std::move(value)] { done(value); });
  }

  /// Any thread: appends as a foreign server would.
  std::string AppendTo(const std::string& stream,
                       std::vector<std::pair<std::string, std::string>> fields,
                       size_t max_length = 10'000) {
    const std::lock_guard lock(hub_.mutex);
    Entries& entries = hub_.streams[stream];
    const std::string id = std::to_string(1'000 + ++hub_.next_id) + "-0";
    entries.push_back({id, std::move(fields)});
    for (MemoryBus* bus : hub_.buses) {
      bus->loop_.Post([bus, stream] { bus->ReadOn(stream); });
    }
    (void)max_length;
    return id;
  }
  /// The loop: while held, nothing is read from streams.
  void Hold(bool held) {
    held_ = held;
    if (held) return;
    for (const auto& [stream, unused] : followed_) ReadOn(stream);
  }
  /// The loop: appends fail with this from now on.
  void FailAppends(std::optional<trackwire::Error> error) { append_error_ = std::move(error); }

 private:
  struct Followed {
    size_t read = 0;
    std::function<void(const Entries&)> handler;
  };

  void ReadOn(const std::string& stream) {
    const auto found = followed_.find(stream);
    if (held_ || found == followed_.end()) return;
    Entries fresh;
    {
      const std::lock_guard lock(hub_.mutex);
      const Entries& all = hub_.streams[stream];
      fresh.assign(all.begin() + static_cast<std::ptrdiff_t>(found->second.read), all.end());
      found->second.read = all.size();
    }
    if (!fresh.empty()) found->second.handler(fresh);
  }

  MemoryHub& hub_;
  net::Loop& loop_;
  std::map<std::string, Followed> followed_;
  std::optional<trackwire::Error> append_error_;
  bool held_ = false;
};

}  // namespace trackwire::testing
