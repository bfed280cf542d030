#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "fetcher/connector.h"
#include "net/loop.h"
#include "outbound/http_client.h"

namespace trackwire::fetcher {

/// What an error of the client or of a decoder is to a runner.
FetchError FetchErrorOf(Error error);
/// Why an answer with this status is none; nothing for 2xx and 304.
std::optional<FetchError> StatusError(const outbound::HttpAnswer& answer);
/// Whether it is the error of an answer with that status.
bool IsStatus(const FetchError& error, int status);

/// The requests a connector has under way. Destroying it cancels them: no callback comes after.
class Exchanges {
 public:
  using Done = std::function<void(Result<outbound::HttpAnswer, FetchError>)>;

  Exchanges(outbound::HttpClient& client, net::Loop& loop) : client_(client), loop_(loop) {}

  /// `done` gets a 2xx or 304 answer, or why there is none. It may destroy this.
  void Send(outbound::HttpRequest request, Done done);
  /// Runs `task` in a turn of its own, unless this is destroyed before.
  void Later(std::function<void()> task);
  /// Expires with this: for code that goes on after a callback which may have destroyed it.
  std::weak_ptr<bool> weak() const { return alive_; }

 private:
  outbound::HttpClient& client_;
  net::Loop& loop_;
  uint64_t next_ = 0;
  std::map<uint64_t, std::unique_ptr<outbound::HttpClient::Transfer>> transfers_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

/// What a feed was when it was last read, so that it is asked for only when it has changed.
class Validators {
 public:
  void AddTo(outbound::HttpRequest& request) const;
  /// Of an answer that could be read.
  void Keep(const outbound::HttpAnswer& answer);

 private:
  std::string etag_;
  std::string last_modified_;
};

/// How much of a time-out that began with it is left; at least a millisecond, so that what is asked
/// for late fails as a request does.
class Deadline {
 public:
  explicit Deadline(std::chrono::milliseconds timeout) : end_(Steady::now() + timeout) {}
  std::chrono::milliseconds left() const;
  bool passed() const { return Steady::now() >= end_; }

 private:
  Steady::time_point end_;
};

}  // namespace trackwire::fetcher
