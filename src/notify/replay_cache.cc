#include "notify/replay_cache.h"

#include "notify/dispatch.h"

namespace trackwire::notify {
namespace {

/// Objects around the bytes of an item, and of each look at it, roughly.
constexpr size_t kOverhead = 512;

std::shared_ptr<const Replayable> Make(const broker::LogEntry& entry, const Dispatch& dispatch,
                                       const std::string& nsp) {
  auto item = std::make_shared<Replayable>();
  item->bytes = kOverhead;
  auto envelope = ingest::ParseEnvelope(entry.envelope, kAnySize);
  if (!envelope) return item;
  item->audience = std::make_shared<const Audience>(dispatch.AudienceOf(*envelope, true));
  EncodeOptions options;
  options.nsp = nsp;
  options.plain = false;
  options.conflate = false;
  item->by_view.resize(dispatch.views().size());
  item->bytes += item->by_view.size() * sizeof(item->by_view.front());
  for (const auto& made :
       MakeDeliveries(entry, *envelope, item->audience, dispatch.views(), {}, options)) {
    item->bytes += kOverhead + made.delivery->with_offset->wire().size();
    for (const View view : made.views) item->by_view[view] = made.delivery;
  }
  return item;
}

}  // namespace

std::shared_ptr<const Replayable> ReplayCache::Get(const broker::LogEntry& entry,
                                                   const Dispatch& dispatch,
                                                   const std::string& nsp) {
  const Key key{entry.offset.ms, entry.offset.seq};
  const auto found = items_.find(key);
  if (found != items_.end()) return found->second;
  auto item = Make(entry, dispatch, nsp);
  items_.emplace(key, item);
  by_age_.push_back({key, item->bytes});
  bytes_ += item->bytes;
  while (bytes_ > max_bytes_) {
    bytes_ -= by_age_.front().bytes;
    items_.erase(by_age_.front().key);
    by_age_.pop_front();
  }
  return item;
}

void ReplayCache::Clear() {
  items_.clear();
  by_age_.clear();
  bytes_ = 0;
}

}  // namespace trackwire::notify
