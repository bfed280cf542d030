#pragma once

#include <gtest/gtest.h>

#include <future>
#include <map>
#include <mutex>

#include "fetcher/connectors/options.h"
#include "tests/support/await.h"
#include "tests/support/scripted_server.h"

namespace trackwire::fetcher::testing {

/// A server of somebody's: what each path answers, and what it was asked.
class Service {
 public:
  using Handle = std::function<std::string(const std::string& request)>;

  Service() : server_([this](test::Peer& peer) { Serve(peer); }) {}

  std::string Url(const std::string& path = "") const { return server_.Url(path); }
  /// What `path` (with its query) answers from now on: a whole answer, or a body with status 200.
  void On(const std::string& path, Handle handle) {
    const std::lock_guard lock(mutex_);
    handles_[path] = std::move(handle);
  }
  void On(const std::string& path, const std::string& body, const std::string& fields = "") {
    On(path, [=](const std::string&) { return test::Answer(200, body, fields); });
  }
  void OnStatus(const std::string& path, int status, const std::string& fields = "") {
    On(path, [=](const std::string&) { return test::Answer(status, "", fields); });
  }
  /// What happens on a connection whose first request is for `path`, instead of answers.
  void OnSocket(const std::string& path, std::function<void(test::Peer&, std::string)> serve) {
    const std::lock_guard lock(mutex_);
    sockets_[path] = std::move(serve);
  }
  /// Heads and bodies of the requests for `path` so far.
  std::vector<std::string> requests(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    const auto found = requests_.find(path);
    return found == requests_.end() ? std::vector<std::string>() : found->second;
  }

 private:
  void Serve(test::Peer& peer) {
    while (const auto request = peer.Request()) {
      const size_t begin = request->find(' ') + 1;
      const std::string path = request->substr(begin, request->find(' ', begin) - begin);
      Handle handle;
      std::function<void(test::Peer&, std::string)> serve;
      {
        const std::lock_guard lock(mutex_);
        requests_[path].push_back(*request);
        if (sockets_.contains(path)) serve = sockets_[path];
        if (handles_.contains(path)) handle = handles_[path];
      }
      if (serve) return serve(peer, *request);
      if (!peer.Send(handle ? handle(*request) : test::Answer(404, ""))) return;
    }
  }

  mutable std::mutex mutex_;
  std::map<std::string, Handle> handles_;
  std::map<std::string, std::function<void(test::Peer&, std::string)>> sockets_;
  std::map<std::string, std::vector<std::string>> requests_;
  test::ScriptedServer server_;
};

/// A connector on a loop of its own, spoken to from the test's thread.
class Remote {
 public:
  using Outcome = Result<Fetched, FetchError>;

  explicit Remote(ConnectorOptions options) {
    options.allow_private = true;
    const auto checked = CheckConnectorOptions(options);
    EXPECT_TRUE(checked) << checked.error().detail;
    loop_.Start();
    loop_.Run([&] {
      client_ = outbound::MakeHttpClient(loop_, {});
      connector_ = MakeConnector(options, *client_, loop_);
    });
  }
  ~Remote() {
    Destroy();
    loop_.Run([&] { client_.reset(); });
    loop_.Stop();
  }

  Outcome All(std::chrono::milliseconds timeout = std::chrono::seconds(30)) {
    return test::Await<Outcome>([&](Connector::Done done) {
      loop_.Run([&] { connector_->FetchAll(timeout, std::move(done)); });
    });
  }
  Outcome One(const std::string& id, std::chrono::milliseconds timeout = std::chrono::seconds(30)) {
    return test::Await<Outcome>([&](Connector::Done done) {
      loop_.Run([&] { connector_->FetchOne(id, timeout, std::move(done)); });
    });
  }
  /// The ids it brought, `unchanged`, or the code of the error.
  static std::string Brief(const Outcome& outcome) {
    if (!outcome) return outcome.error().code;
    if (outcome->unchanged) return "unchanged";
    std::string ids;
    for (const auto& report : outcome->reports) {
      ids += (ids.empty() ? "" : " ") + report.external_id;
    }
    return ids;
  }
  std::string AllBrief() { return Brief(All()); }
  std::string OneBrief(const std::string& id) { return Brief(One(id)); }

  /// Listens; lines such as `up`, `down closed`, and the ids of what is brought.
  void Listen() {
    loop_.Run([&] {
      connector_->Listen({[this](Fetched fetched) { Note(Brief(std::move(fetched))); },
                          [this](bool up, const std::string& why) {
                            Note(up ? "up" : "down " + why);
                          }});
    });
  }
  std::vector<std::string> heard() const {
    const std::lock_guard lock(mutex_);
    return heard_;
  }
  std::vector<std::string> UntilHeard(size_t count) {
    EXPECT_TRUE(test::Until([&] { return heard().size() >= count; }));
    return heard();
  }

  void Destroy() {
    loop_.Run([&] { connector_.reset(); });
  }
  net::Loop& loop() { return loop_; }
  Connector& connector() { return *connector_; }

 private:
  void Note(std::string what) {
    const std::lock_guard lock(mutex_);
    heard_.push_back(std::move(what));
  }

  net::Loop loop_{"remote"};
  std::unique_ptr<outbound::HttpClient> client_;
  std::unique_ptr<Connector> connector_;
  mutable std::mutex mutex_;
  std::vector<std::string> heard_;
};

}  // namespace trackwire::fetcher::testing
