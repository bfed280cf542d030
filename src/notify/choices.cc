#include "notify/choices.h"

#include <optional>
#include <utility>

namespace trackwire::notify {
namespace {

/// What one choice adds to the counts.
struct Share {
  bool trackers = false;
  bool clients = false;
  std::optional<size_t> level;

  void Add(ChoiceCounts& counts, int32_t sign) const {
    const auto step = static_cast<uint32_t>(sign);
    counts.choosers += step;
    if (trackers) counts.trackers += step;
    if (clients) counts.clients += step;
    if (!level) return;
    counts.boxes += step;
    counts.levels[*level] += step;
  }
};

Share ShareOf(const tracking::Selection& selection) {
  Share share{!selection.trackers.empty(), !selection.clients.empty(), std::nullopt};
  if (selection.box) share.level = tracking::LevelOf(*selection.box);
  return share;
}

}  // namespace

Choices::Choices(net::Loop& loop) : loop_(loop) {}

std::shared_ptr<const tracking::Selection> Choices::Hold(tracking::Selection selection) {
  const Share share = ShareOf(selection);
  share.Add(*counts_, 1);
  const auto* held = new tracking::Selection(std::move(selection));
  return {held, [counts = counts_, share, &loop = loop_](const tracking::Selection* gone) {
            delete gone;
            loop.Post([counts, share] { share.Add(*counts, -1); });
          }};
}

}  // namespace trackwire::notify
