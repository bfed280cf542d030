#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "api/endpoint.h"
#include "api/push_message.h"
#include "base/clock.h"
#include "ingest/token_desk.h"
#include "net/http/server.h"

namespace trackwire::api {

struct PushCounters {
  std::atomic<uint64_t> taken{0};        ///< requests answered with success
  std::atomic<uint64_t> refused{0};      ///< for what they said
  std::atomic<uint64_t> bad_tokens{0};   ///< and those without one
  std::atomic<uint64_t> unavailable{0};  ///< told to come again
};

/// What the routes of push ingestion share. Constant while the server runs, but for the counters.
struct PushServices {
  /// Finds the tracker that a message is from and makes its reports durable. `named`: by whose
  /// token it came; nothing: by none, in open mode. Any thread; answers on any. Errors:
  /// `missing_id`, `unknown_tracker`, `other_tracker`, `other_provider`, those of CheckFix(),
  /// `queue_full`, `unavailable`.
  using Take = std::function<void(std::optional<tracking::Id> named, PushMessage message,
                                  std::function<void(Result<void>)> done)>;

  const ingest::TokenDesk* tokens = nullptr;
  Take take;
  const Clock* clock = nullptr;
  bool open = false;  ///< no token is asked for
  double speed_unit_mps = 1852.0 / 3600.0;
  size_t max_body_bytes = 1'000'000;
  PushCounters counters;
};

/// Where trackers push their positions: OsmAnd's protocol and OwnTracks' HTTP mode.
///
/// Success (200, empty or `[]`) only when what was said outlives a crash. Errors as those of other
/// routes, in no form that a device reads: 400 for what cannot be read, 401 `unauthorized`, 403
/// `other_tracker`, `other_provider`, 404 `unknown_tracker` (400 where the format says so), 413,
/// 429, 503 with Retry-After. A token is never logged. No cookie counts.
class PushEndpoint final : public net::http::Handler {
 public:
  enum class Format { kOsmand, kOwntracks };
  static constexpr const char* kOsmandPath = "/api/ingest/osmand";
  static constexpr const char* kOwntracksPath = "/api/ingest/owntracks";

  /// Both outlive it.
  PushEndpoint(const Access& access, PushServices& services, Format format);

  net::http::Body OnRequest(const net::http::Exchange& exchange,
                            const net::http::Request& request) override;
  void OnBody(const net::http::Exchange& exchange, const net::http::Request& request,
              std::string body) override;
  void OnBodyTooLarge(const net::http::Exchange& exchange,
                      const net::http::Request& request) override;

 private:
  /// Whose token it is, nothing in open mode, or why not.
  Result<std::optional<tracking::Id>, net::http::Response> Admit(
      const net::http::Request& request) const;
  Result<PushMessage> Read(const net::http::Request& request, std::string_view body) const;
  net::http::Response ResponseTo(const Result<void>& result, bool json) const;

  const Access& access_;
  PushServices& services_;
  const Format format_;
  const char* const path_;
};

}  // namespace trackwire::api
