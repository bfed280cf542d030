#pragma once

#include <functional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "api/admin.h"
#include "tracking/position.h"

namespace trackwire::api {

/// A change of trackers or clients by an admin: who is no admin is refused; whatever comes of it is
/// told to the audit log.
struct RegistryCall {
  AdminCall call;
  auth::Actor by;

  /// The answer to `result`: 404 `unknown_tracker`, 409 `exists` and `in_use`, 503 `unavailable`,
  /// 400 for the rest, `invalid` as `invalid_request`.
  void Finish(const Result<net::http::Response>& result) const;
};

/// Runs `admitted` on the exchange's shard. `call.act` and `call.target` are set.
void WithRegistryCall(const Access& access, AdminCall call, const net::http::Request& request,
                      UniqueFunction<void(RegistryCall)> admitted);

using Answered = std::function<void(Result<net::http::Response>)>;
/// Does `act` with what a path segment may mean, the next when that one is not there (`unknown`).
void TryInTurn(std::vector<tracking::Id> ids, std::string_view unknown,
               std::function<void(tracking::Id, Answered)> act, Answered done);

/// Hands the answer that `make` gives for what was done to `answered`, or why it was not.
template <typename T, typename Make>
std::function<void(Result<T>)> AnswerWith(Answered answered, Make make) {
  return [answered = std::move(answered), make = std::move(make)](Result<T> result) {
    if (!result) return answered(Err(std::move(result.error())));
    if constexpr (std::is_void_v<T>) {
      answered(make());
    } else {
      answered(make(*result));
    }
  };
}

/// 204.
net::http::Response NoContent();

}  // namespace trackwire::api
