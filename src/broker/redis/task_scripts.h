#pragma once

#include <string>
#include <vector>

namespace trackwire::broker {

/// The steps of a task queue, each one script and so whole or not at all. All take the keys of
/// TaskKeys() and, as first argument, by how much time is ahead of Redis' own (tests).
///
/// Each may be run twice with the same arguments and has the effect of one.
struct TaskScripts {
  /// id, key, payload, max_waiting, wake channel → [`added`|`joined`|`full`, id, position]
  static const std::string& Add();
  /// worker, lease ms, how many, whether to name again what it has, whether to look at all that are
  /// under way, beat ms, wake channel → [[id, key, payload, attempt, token]…, ms until the next
  /// delayed one or -1, how many broken ones were dropped]
  static const std::string& Take();
  /// id, token → 1 when it ended by this token
  static const std::string& Finish();
  /// id, token, delay ms, wake channel → 1 when it was given back
  static const std::string& Retry();
  /// worker, wake channel, ids that it keeps… → how many were given back
  static const std::string& Leave();
  /// → how many wait
  static const std::string& Count();
};

/// The keys of one queue, all of one slot when `prefix` has a hash tag.
std::vector<std::string> TaskKeys(const std::string& prefix, const std::string& queue);
/// Where workers of a queue are told that there is something to take.
std::string TaskWakeChannel(const std::string& prefix, const std::string& queue);

}  // namespace trackwire::broker
