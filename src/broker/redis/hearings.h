#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace trackwire::broker {

/// Gives what is heard on the channel names that all processes agree on.
///
/// Redis brings publishes and ticks to every listener in one order. So the n-th hearing of a content
/// after a tick is the same publish for everyone who heard that tick, and tick, content and n name
/// it. One thread at a time.
class Hearings {
 public:
  /// Contents are forgotten at the next tick; more in one window than this have no name.
  static constexpr size_t kMaxContents = 500'000;

  /// A tick was heard: names begin anew.
  void Begin(std::string tick);
  /// The link broke: there are no names until the next tick.
  void Stop();
  bool counting() const { return !tick_.empty(); }
  const std::string& tick() const { return tick_; }
  /// More contents than should lie between two ticks.
  bool crowded() const { return counts_.size() > kMaxContents / 2; }
  /// Content and number: 16 bytes and, from the second on, a decimal number.
  std::optional<std::string> Count(std::string_view envelope);

 private:
  std::string tick_;
  std::unordered_map<std::string, uint32_t> counts_;
};

/// Whether the envelope carries the mark of what this deployment itself put into the inbox.
bool IsMarked(std::string_view envelope);

/// How to mark an envelope: the first `keep` bytes of it, then `rest`.
struct Mark {
  size_t keep = 0;
  std::string rest;
};
/// Nothing when it is no JSON object. `key` becomes its `id` when it has none.
std::optional<Mark> MarkOf(std::string_view envelope, std::string_view key);

}  // namespace trackwire::broker
