#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/json_scanner.h"
#include "geocoding/geocoding_desk.h"
#include "geocoding/json_text.h"
#include "tests/broker/backends.h"
#include "tests/geocoding/test_chain.h"
#include "tests/support/await.h"

namespace trackwire::geocoding {

/// What a client was told, by its desk or through the log.
struct Told {
  std::string name;
  std::string socket_id;
  std::string request_id;
  std::string payload;

  base::JsonValue object() const { return *ObjectOf(payload); }
  std::string Text(std::string_view member) const { return TextIn(object(), member).value_or(""); }
  double Number(std::string_view member) const { return NumberIn(object(), member).value_or(-1); }
  bool Is(std::string_view member) const {
    const auto value = base::FindMember(object(), member);
    return value && value->type == base::JsonType::kTrue;
  }
  /// `result`, `provisional`, `cached`, `queued 3`, `error not_found`.
  std::string Short() const {
    if (name == "geocoding_queued") {
      return "queued " + std::to_string(std::lround(Number("queue_position")));
    }
    if (name == "geocoding_error") return "error " + Text("code");
    if (Is("provisional")) return "provisional";
    return Is("cached") ? "cached" : "result";
  }
};

/// The index that the build has made.
inline std::shared_ptr<const OfflineIndex> BuiltIndex() {
  auto opened = OfflineIndex::Open(TRACKWIRE_BINARY_DIR "/geocoding.bin");
  EXPECT_TRUE(opened) << opened.error().detail;
  return opened ? *opened : nullptr;
}

/// Brokers that desks share, with what their clients hear, in its order.
class DeskHouse {
 public:
  explicit DeskHouse(std::unique_ptr<broker::Backend> backend) : backend_(std::move(backend)) {
    loop_.Start();
    Open();
  }
  ~DeskHouse() {
    Close();
    loop_.Stop();
  }

  void Open() {
    broker::Backend::Options options;
    options.max_cache_bytes = 64u << 20;
    options.max_memory_bytes = 64u << 20;
    auto opened = backend_->Open(options, loop_, Clock::System());
    ASSERT_TRUE(opened) << opened.error().detail;
    broker_ = std::move(*opened);
    loop_.Run([this] {
      broker_->log().Tail([this](const std::vector<broker::LogEntryPtr>& entries) {
        for (const auto& entry : entries) Hear(entry->envelope);
      });
    });
  }
  void Close() {
    if (!broker_) return;
    loop_.Run([this] { desks_.clear(); });
    test::Await<bool>([this](auto done) {
      loop_.Post([this, done] { broker_->Shutdown([done] { done(true); }); });
    });
    loop_.Run([this] { broker_.reset(); });
  }

  GeocodingDesk& AddDesk(std::shared_ptr<Geocoder> chain, GeocodingDesk::Options options = {},
                         std::shared_ptr<const OfflineIndex> index = nullptr,
                         broker::Broker* on = nullptr) {
    options.chain = "test";
    loop_.Run([&] {
      desks_.push_back(std::make_unique<GeocodingDesk>(loop_, on != nullptr ? *on : *broker_,
                                                       Clock::System(), index, chain, options));
      desks_.back()->Start();
    });
    return *desks_.back();
  }
  void RemoveDesk(size_t index) {
    loop_.Run([&] { desks_[index].reset(); });
  }

  void Connect(const std::string& socket) {
    broker_->sessions().Save({socket, "proof", "owner", "value"});
  }
  /// It may come back.
  void Away(const std::string& socket) {
    broker_->sessions().Expire(socket, "owner", std::chrono::minutes(1));
  }
  void Leave(const std::string& socket) { broker_->sessions().Remove(socket, "owner"); }

  /// Asks for an address, and says to the client what is to be said at once.
  GeocodingDesk::Taken Ask(GeocodingDesk& desk, const std::string& id, double latitude,
                           double longitude, const std::string& socket = "s1") {
    return test::Await<GeocodingDesk::Taken>([&](auto done) {
      desk.Request({id, {latitude, longitude, "en"}, socket},
                   [this, socket, done](const GeocodingDesk::Taken& taken) {
                     Say(socket, taken);
                     done(taken);
                   });
    });
  }
  void Say(const std::string& socket, const GeocodingDesk::Taken& taken) {
    const std::lock_guard lock(mutex_);
    for (const AddressEvent& event : taken.events) Keep({event.name, socket, "", event.payload});
  }
  Result<AddressAnswer, AddressError> Look(GeocodingDesk& desk, double latitude, double longitude) {
    return test::Await<Result<AddressAnswer, AddressError>>([&](auto done) {
      desk.Look({latitude, longitude, "en"}, done);
    });
  }

  std::vector<Told> ToldOf(const std::string& request) const {
    const std::lock_guard lock(mutex_);
    const auto found = told_.find(request);
    return found == told_.end() ? std::vector<Told>() : found->second;
  }
  std::vector<std::string> Short(const std::string& request) const {
    std::vector<std::string> list;
    for (const Told& told : ToldOf(request)) list.push_back(told.Short());
    return list;
  }
  /// Waits until so much was said about a request, and no more was.
  void Expect(const std::string& request, const std::vector<std::string>& expected) {
    EXPECT_TRUE(test::Until([&] { return ToldOf(request).size() >= expected.size(); })) << request;
    EXPECT_EQ(Short(request), expected) << request;
  }
  /// Waits until so many events were heard, or so many requests have ended; false when nothing at
  /// all was heard for 30 s.
  bool AwaitHeard(size_t count) {
    return Await([&] { return heard_ >= count; });
  }
  bool AwaitEnded(size_t count) {
    return Await([&] { return ended_ >= count; });
  }
  /// How many requests have heard more than that they wait.
  size_t Ended() const {
    const std::lock_guard lock(mutex_);
    return ended_;
  }

  net::Loop& loop() { return loop_; }
  broker::Broker& broker() { return *broker_; }
  broker::Backend& backend() { return *backend_; }

 private:
  bool Await(const std::function<bool()>& holds) {
    std::unique_lock lock(mutex_);
    while (!holds()) {
      const size_t before = heard_;
      const auto more = [&] { return heard_ > before; };
      if (!heard_more_.wait_for(lock, std::chrono::seconds(30), more)) return false;
    }
    return true;
  }
  void Hear(const std::string& envelope) {
    const auto object = ObjectOf(envelope);
    if (!object) return;
    const auto notification = ObjectIn(*object, "notification");
    const auto name = TextIn(*object, "message_type");
    if (!notification || !name) return;
    const std::lock_guard lock(mutex_);
    Keep({*name, TextIn(*object, "socket_id").value_or(""), "", std::string(notification->text)});
  }
  void Keep(Told told) {
    told.request_id = told.Text("request_id");
    if (told.name != "geocoding_queued" && !told.Is("provisional")) ++ended_;
    told_[told.request_id].push_back(std::move(told));
    ++heard_;
    heard_more_.notify_one();
  }

  net::Loop loop_{"control"};
  std::unique_ptr<broker::Backend> backend_;
  std::unique_ptr<broker::Broker> broker_;
  std::vector<std::unique_ptr<GeocodingDesk>> desks_;
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<Told>> told_;
  std::condition_variable heard_more_;
  size_t ended_ = 0;
  size_t heard_ = 0;
};

/// The promises of geocoding_desk.h, on every broker.
class DeskContract : public testing::TestWithParam<broker::MakeBackend> {
 protected:
  void SetUp() override { house_ = std::make_unique<DeskHouse>(GetParam()()); }
  void TearDown() override { house_.reset(); }

  static GeocodingDesk::Options With(const std::function<void(GeocodingDesk::Options&)>& change) {
    GeocodingDesk::Options options;
    change(options);
    return options;
  }
  bool LookedUp(const TestChain& chain, size_t count) {
    return test::Until([&] { return chain.count() >= count; });
  }

  std::unique_ptr<DeskHouse> house_;
};

inline std::string NameOfBackend(const testing::TestParamInfo<broker::MakeBackend>& info) {
  return info.index == 0 ? "Embedded" : "Redis";
}

inline auto BothBackends() {
  return testing::Values(broker::kPersistentBackends[0], broker::kPersistentBackends[2]);
}

}  // namespace trackwire::geocoding
