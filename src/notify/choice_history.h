#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/notification_log.h"
#include "tracking/selection.h"

namespace trackwire::notify {

/// What somebody had chosen at which place in the log, so that who comes back gets of each missed
/// entry what it would have got then.
///
/// A client's own offset is that of the last event it got, which may lie before several changes of
/// what it has chosen. Only so many are kept: who comes back from before them starts anew. A plain
/// value; part of a session's record.
class ChoiceHistory {
 public:
  using SelectionPtr = std::shared_ptr<const tracking::Selection>;

  static constexpr size_t kMaxSteps = 16;
  static constexpr size_t kMaxIds = 4'000;  ///< of all steps together, unless the last has more

  /// Nothing was ever chosen: they get all they may see.
  bool empty() const { return steps_.empty(); }
  /// Entries after `since` are those of `selection`, until the next change.
  void Add(broker::LogOffset since, SelectionPtr selection);
  /// What holds now; nullptr: all.
  const tracking::Selection* now() const;
  /// What held for an entry; nullptr: all.
  const tracking::Selection* At(const broker::LogOffset& entry) const;
  /// Whether it is known what held for all entries after `offset`.
  bool Covers(const broker::LogOffset& offset) const;
  /// Nobody will ask for entries up to `offset` any more.
  void ForgetUpTo(const broker::LogOffset& offset);

  /// Empty when nothing was ever chosen.
  std::string ToJson() const;
  /// Nothing when the text is none. The empty one is.
  static std::optional<ChoiceHistory> Parse(std::string_view json);

 private:
  struct Step {
    broker::LogOffset since;
    SelectionPtr selection;
  };

  void DropFirst();

  std::vector<Step> steps_;
  bool trimmed_ = false;  ///< what held before the first step is not known any more
};

}  // namespace trackwire::notify
