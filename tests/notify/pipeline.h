#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "auth/revocations.h"
#include "auth/token.h"
#include "base/json_scanner.h"
#include "broker/embedded/embedded_broker.h"
#include "notify/dispatch.h"
#include "notify/door.h"
#include "notify/intake.h"
#include "notify/log_break.h"
#include "notify/log_recovery.h"
#include "notify/owner_line.h"
#include "notify/session_book.h"
#include "notify/session_directory.h"
#include "notify/session_keeper.h"
#include "notify/subscriptions.h"
#include "socketio/server.h"
#include "tests/engineio/raw_client.h"
#include "tests/engineio/test_shards.h"
#include "tests/notify/wrapped_broker.h"
#include "tests/support/await.h"
#include "tests/support/temp_dir.h"

namespace trackwire::notify {

/// The pipeline from intake to real clients over loopback, around the real embedded broker.
class Pipeline {
 public:
  struct Options {
    uint16_t shards = 2;
    VisibilityRules rules;
    FieldRules fields;
    Door::Options door;
    LogRecovery::Options recovery;
    SessionBook::Options book;
    SessionKeeper::Options keeper;
    std::vector<auth::IdentityCheck> checks;
    std::shared_ptr<auth::KeySet> more_keys;  ///< beside the one that Token() signs with
    const Clock* clock = nullptr;  ///< of tokens; nullptr: the machine's
    broker::EmbeddedOptions broker;
    net::OutQueue::Limits out;
    Subscriptions::Options subscriptions;
    Pipeline* beside = nullptr;  ///< shares the broker of this one, as another gateway would
  };

  explicit Pipeline(Options options)
      : token_clock_(options.clock == nullptr ? clock() : *options.clock),
        loop_(options.beside == nullptr ? own_loop_ : options.beside->loop_),
        verifier_(Sources(options), token_clock_),
        shards_(options.shards, options.out),
        views_(MakeViews(options.fields)) {
    board_.SetFilter(views_);
    if (options.beside == nullptr) {
      auto opened = broker::OpenEmbeddedBroker(options.broker, loop_, clock());
      EXPECT_TRUE(opened) << opened.error().detail;
      broker_ = std::make_shared<WrappedBroker>(std::move(*opened));
      loop_.Start();
    } else {
      broker_ = options.beside->broker_;
    }
    intake_loop_.Start();
    server_ = std::make_unique<socketio::Server>(shards_.shards(), socketio::Options());
    nsp_ = &server_->Of("/");
    choices_ = std::make_unique<Choices>(loop_);
    dispatch_ = std::make_unique<Dispatch>(*broker_, *nsp_, board_, *choices_, clock(),
                                           options.rules, views_, EncodeOptions());
    revocations_ = std::make_unique<auth::Revocations>(loop_, broker_->revocations(), token_clock_,
                                                       auth::Revocations::Options());
    verifier_.AddCheck([this](auth::Identity& identity) { return revocations_->Check(identity); });
    for (auth::IdentityCheck& check : options.checks) verifier_.AddCheck(std::move(check));
    door_ = std::make_unique<Door>(verifier_, views_, options.door);
    line_ = std::make_unique<OwnerLine>(*broker_, *nsp_);
    book_ = std::make_unique<SessionBook>(*broker_, *nsp_, *line_, options.book);
    keeper_ = std::make_unique<SessionKeeper>(verifier_, views_, *book_, options.keeper);
    directory_ = std::make_unique<SessionDirectory>(*broker_, *revocations_, *line_, *book_);
    news_ = std::make_unique<TrackerNews>(loop_, broker_->log(), *nsp_, options.book.window);
    recovery_ = std::make_unique<LogRecovery>(loop_, *broker_, *nsp_, *dispatch_, *book_, *line_,
                                              *choices_, *news_, options.recovery);
    server_->UseRecovery(*nsp_, recovery_.get(), [this](const socketio::Socket& socket) {
      return door_->TakesPart(socket);
    });
    std::string start;
    log_break_ = std::make_unique<LogBreak>(loop_, *broker_, *nsp_, 20);
    loop_.Run([&] {
      dispatch_->Start();
      line_->Listen();
      log_break_->Watch([this] { recovery_->ForgetAudiences(); });
      start = broker_->log().tail_offset().ToString();
    });
    door_->Guard(*nsp_);
    keeper_->Attach(*nsp_, start);
    Follow(*revocations_, *keeper_);
    const bool loaded = test::Await<bool>([this](std::function<void(bool)> done) {
      loop_.Post([this, done] {
        revocations_->Start([done](Result<void> result) { done(result.has_value()); });
      });
    });
    EXPECT_TRUE(loaded);
    subscriptions_ = std::make_unique<Subscriptions>(loop_, broker_->log(), board_, views_,
                                                     *choices_, *book_, *nsp_, options.subscriptions);
    subscriptions_->Attach();
    intake_ = std::make_unique<Intake>(intake_loop_, *broker_, Intake::Options());
    shards_.Listen("/socket.io/", server_->handler());
  }
  Pipeline() : Pipeline(Options()) {}
  ~Pipeline() {
    intake_loop_.Stop();
    shards_.Stop();
    loop_.Run([this] {
      line_->Deafen();
      revocations_->Stop();
      log_break_.reset();
    });
    if (&loop_ != &own_loop_) return;
    test::Await<bool>([this](std::function<void(bool)> done) {
      loop_.Post([this, done] { broker_->Shutdown([done] { done(true); }); });
    });
    loop_.Run([this] { broker_.reset(); });
    loop_.Stop();
  }

  static const Clock& clock() { return Clock::System(); }
  uint16_t port() const { return shards_.port(); }
  WrappedBroker& broker() { return *broker_; }
  Intake& intake_to_feed() { return *intake_; }
  net::Loop& loop() { return loop_; }
  Dispatch& dispatch() { return *dispatch_; }
  /// The board as the API would show it to an admin; the broker's loop must be free.
  std::string Snapshot() {
    auth::Identity admin;
    admin.authenticated = true;
    admin.roles = {"admin"};
    return Snapshot(admin);
  }
  /// The same for somebody.
  std::string Snapshot(const auth::Identity& who) {
    std::string out;
    loop_.Run([&] {
      out = board_.SnapshotJson(
          "", WallTime{}, [&](const tracking::Tracker& tracker) { return MaySee(who, tracker); },
          views_.Of(who));
    });
    return out;
  }
  const Intake& intake() const { return *intake_; }
  SessionKeeper& keeper() { return *keeper_; }
  SessionBook& book() { return *book_; }
  SessionDirectory& directory() { return *directory_; }
  auth::Revocations& revocations() { return *revocations_; }
  testing::TestShards& shards() { return shards_; }
  socketio::Namespace& nsp() { return *nsp_; }

  /// Puts a body in and waits until it is stored.
  Result<IntakeAnswer> Take(const std::string& body) {
    auto answer = test::Await<std::shared_ptr<Result<IntakeAnswer>>>(
        [&](std::function<void(std::shared_ptr<Result<IntakeAnswer>>)> done) {
          intake_->Take(body, [done](Result<IntakeAnswer> result) {
            done(std::make_shared<Result<IntakeAnswer>>(std::move(result)));
          });
        });
    return std::move(*answer);
  }
  /// Publishes an event without an address; its offset.
  std::string Say(const std::string& type, int number, const std::string& more = "") {
    auto answer = Take("{\"message_type\":\"" + type +
                       "\",\"notification\":{\"n\":" + std::to_string(number) + "}" + more + "}");
    EXPECT_TRUE(answer);
    return answer ? answer->results.front().offset : "";
  }
  void Know(const tracking::Tracker& tracker) { Know(std::vector<tracking::Tracker>{tracker}); }
  /// The store says so now.
  void Know(const std::vector<tracking::Tracker>& trackers) {
    loop_.Run([&] {
      std::vector<tracking::TrackerState> states(trackers.size());
      for (size_t i = 0; i < trackers.size(); ++i) states[i].tracker = trackers[i];
      auto changes = board_.Upsert({}, states);
      recovery_->ForgetAudiences();
      news_->Tell(std::move(changes));
    });
  }
  /// The store does not have them any more.
  void Forget(const std::vector<tracking::Id>& trackers) {
    loop_.Run([&] {
      auto changes = board_.Remove(trackers, {});
      recovery_->ForgetAudiences();
      news_->Tell(std::move(changes));
    });
  }
  /// Runs `task` on the broker's loop, later.
  void Post(net::Loop::Task task) { loop_.Post(std::move(task)); }
  /// Packets that clients have sent and the server has dealt with.
  uint64_t packets_in() {
    uint64_t sum = 0;
    for (net::Shard* shard : shards_.shards()) {
      shard->Run([&] { sum += server_->counters(*shard).packets_in; });
    }
    return sum;
  }
  ChoiceCounts choice_counts() {
    ChoiceCounts out;
    loop_.Run([&] { out = choices_->counts(); });
    return out;
  }
  RecoveryCounters recovery_counters() {
    RecoveryCounters out;
    loop_.Run([&] { out = recovery_->counters(); });
    return out;
  }
  std::string Token(const std::string& user, std::vector<std::string> roles = {},
                    std::vector<std::string> clients = {},
                    std::chrono::milliseconds lifetime = std::chrono::hours(1),
                    bool login = false) const {
    auth::TokenRequest request;
    request.subject = user;
    request.roles = std::move(roles);
    request.clients = std::move(clients);
    request.issued_at = token_clock_.WallNow();
    request.expires_at = request.issued_at + lifetime;
    request.login = login;
    return auth::MakeToken(request, *key_);
  }

 private:
  std::vector<auth::TokenSource> Sources(const Options& options) const {
    std::vector<auth::TokenSource> sources;
    sources.push_back({std::make_shared<auth::SecretKeySet>(key_), {}});
    if (options.more_keys != nullptr) sources.push_back({options.more_keys, {}});
    return sources;
  }
  static Views MakeViews(const FieldRules& fields) {
    auto views = Views::Make(fields);
    EXPECT_TRUE(views) << views.error().detail;
    return std::move(*views);
  }

  const Clock& token_clock_;
  net::Loop own_loop_{"control"};
  net::Loop& loop_;
  net::Loop intake_loop_{"intake"};
  std::shared_ptr<const auth::SecretKey> key_ =
      std::make_shared<auth::SecretKey>("a secret for the tests of the pipeline",
                                        std::vector<auth::Algorithm>{auth::Algorithm::kHs256});
  auth::TokenVerifier verifier_;
  testing::TestShards shards_;
  std::shared_ptr<WrappedBroker> broker_;
  const Views views_;
  tracking::Board board_;
  std::unique_ptr<Choices> choices_;
  std::unique_ptr<socketio::Server> server_;
  socketio::Namespace* nsp_ = nullptr;
  std::unique_ptr<Dispatch> dispatch_;
  std::unique_ptr<Door> door_;
  std::unique_ptr<auth::Revocations> revocations_;
  std::unique_ptr<OwnerLine> line_;
  std::unique_ptr<SessionBook> book_;
  std::unique_ptr<SessionKeeper> keeper_;
  std::unique_ptr<SessionDirectory> directory_;
  std::unique_ptr<TrackerNews> news_;
  std::unique_ptr<LogRecovery> recovery_;
  std::unique_ptr<LogBreak> log_break_;
  std::unique_ptr<Subscriptions> subscriptions_;
  std::unique_ptr<Intake> intake_;
};

/// A Socket.IO client over a WebSocket that keeps what a real one would: sid, pid, last offset.
class Guest {
 public:
  explicit Guest(uint16_t port, const std::string& token = "", const std::string& auth = "")
      : port_(port), token_(token) {
    Open(auth);
  }

  /// The next event as `name{args}` without the offset, which is remembered.
  std::string Next() {
    const std::string text = Read();
    if (text.substr(0, 2) != "42") return text;
    const auto value = base::ScanJson(std::string_view(text).substr(2));
    EXPECT_TRUE(value) << text;
    base::JsonArrayReader items(*value);
    std::string out = base::DecodeJsonString(items.Next()->text);
    while (auto item = items.Next()) {
      if (item->is_string()) {
        offset_ = base::DecodeJsonString(item->text);
      } else {
        out += std::string(item->text);
      }
    }
    return out;
  }
  /// Sends an event and waits for its acknowledgement; what comes before is for Next().
  std::string Ask(const std::string& event, const std::string& json) {
    const std::string id = std::to_string(++asked_);
    Tell(event, json, id);
    const std::string head = "43" + id + "[";
    for (;;) {
      std::string text = websocket_->ReadText();
      if (text.rfind(head, 0) == 0) return text.substr(head.size(), text.size() - head.size() - 1);
      if (text == "<closed>") return text;
      early_.push_back(std::move(text));
    }
  }
  /// The next of the events that came before an acknowledgement; empty when there are no more.
  std::string Early() { return early_.empty() ? std::string() : Next(); }
  /// Leaves those unread.
  void Forget() { early_.clear(); }
  /// Sends an event; without an `id` no acknowledgement is wanted.
  void Tell(const std::string& event, const std::string& json, const std::string& id = "") {
    websocket_->Send("42" + id + "[\"" + event + "\"," + json + "]");
  }
  /// Sends a packet as it is: `20["authenticate",{…}]`.
  void Send(const std::string& packet) { websocket_->Send("4" + packet); }
  /// Shows a token on the open socket.
  void Authenticate(const std::string& token) {
    Send("21[\"authenticate\",{\"token\":\"" + token + "\"}]");
  }
  /// Leaves without a word.
  void Cut() { websocket_->Cut(); }
  /// Comes back with what it remembers; the payload of `session`.
  void Return() { Open(",\"pid\":\"" + pid_ + "\",\"offset\":\"" + offset_ + "\""); }
  void Return(const std::string& offset) {
    Open(",\"pid\":\"" + pid_ + "\",\"offset\":\"" + offset + "\"");
  }
  void set_token(std::string token) { token_ = std::move(token); }

  const std::string& sid() const { return sid_; }
  const std::string& pid() const { return pid_; }
  const std::string& offset() const { return offset_; }
  const std::string& connect_answer() const { return answer_; }

 private:
  std::string Read() {
    if (early_.empty()) return websocket_->ReadText();
    std::string text = std::move(early_.front());
    early_.pop_front();
    return text;
  }
  void Open(const std::string& more) {
    early_.clear();
    websocket_ =
        std::make_unique<testing::WsClient>(port_, "/socket.io/?EIO=4&transport=websocket");
    ASSERT_TRUE(websocket_->open());
    ASSERT_EQ(websocket_->ReadText().substr(0, 2), "0{");
    websocket_->Send("40{\"token\":\"" + token_ + "\"" + more + "}");
    answer_ = websocket_->ReadText();
    if (answer_.substr(0, 2) != "40") return;
    const auto value = base::ScanJson(std::string_view(answer_).substr(2));
    ASSERT_TRUE(value) << answer_;
    sid_ = Text(*value, "sid");
    pid_ = Text(*value, "pid");
  }
  static std::string Text(base::JsonValue object, std::string_view name) {
    const auto member = base::FindMember(object, name);
    return member ? base::DecodeJsonString(member->text) : "";
  }

  uint16_t port_;
  std::string token_;
  std::unique_ptr<testing::WsClient> websocket_;
  std::deque<std::string> early_;
  int asked_ = 0;
  std::string answer_;
  std::string sid_;
  std::string pid_;
  std::string offset_;
};

}  // namespace trackwire::notify
