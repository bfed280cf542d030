#include "gateway/geocoding_parts.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "gateway/geocoding_config_keys.h"
#include "gateway/install_paths.h"
#include "geocoding/place_answer.h"
#include "geocoding/provider_chain.h"
#include "net/timer.h"

namespace trackwire::gateway {
namespace {

constexpr const char* kQueue = geocoding::kPlaces;
constexpr std::chrono::milliseconds kQueuePatience{500};

/// What the licence of OpenStreetMap's data asks for, which these servers answer from.
const geocoding::Attribution kOpenStreetMap{"© OpenStreetMap contributors",
                                            "https://www.openstreetmap.org/copyright", "ODbL-1.0"};

api::GeocoderSample SampleOf(const geocoding::OnlineGeocoder& geocoder) {
  const geocoding::OnlineCounters& counters = geocoder.counters();
  api::GeocoderSample sample;
  sample.name = geocoder.options().name;
  sample.state = outbound::ToString(counters.breaker.load());
  sample.requests = counters.requests;
  sample.found = counters.found;
  sample.not_found = counters.not_found;
  sample.rate_limited = counters.rate_limited;
  sample.unavailable = counters.unavailable;
  sample.retries = counters.retries;
  sample.opened = counters.breaker_opened;
  return sample;
}

/// The way to a geocoder for whoever waits for its answers, and therefore must not keep it: it
/// answers them when it ends.
class GeocoderDoor final : public geocoding::Geocoder {
 public:
  explicit GeocoderDoor(const std::shared_ptr<geocoding::Geocoder>& geocoder)
      : geocoder_(geocoder) {}

  void Look(geocoding::Place place, Done done) override {
    if (const auto geocoder = geocoder_.lock()) {
      return geocoder->Look(std::move(place), std::move(done));
    }
    done(Err(geocoding::LookupError{geocoding::LookupFault::kUnavailable, "it has ended", {}}));
  }

 private:
  const std::weak_ptr<geocoding::Geocoder> geocoder_;
};

/// A look at the queue, whose broker may take its time to answer; figures are wanted all the same.
/// On the broker's loop; the question keeps it.
class QueueLook : public std::enable_shared_from_this<QueueLook> {
 public:
  using Done = std::function<void(std::optional<uint64_t>)>;

  explicit QueueLook(Done done) : done_(std::move(done)) {}

  void Begin(net::Loop& loop, broker::TaskQueue& tasks) {
    patience_.Start(loop.timers(), kQueuePatience);
    tasks.CountWaiting(kQueue, [self = shared_from_this()](const Result<uint64_t>& waiting) {
      self->End(waiting ? std::optional(*waiting) : std::nullopt);
    });
  }

 private:
  void End(std::optional<uint64_t> waiting) {
    if (std::exchange(ended_, true)) return;
    patience_.Cancel();
    done_(waiting);
  }

  const Done done_;
  net::Timer patience_{[](void* self) { static_cast<QueueLook*>(self)->End(std::nullopt); }, this};
  bool ended_ = false;
};

bool Lists(const Config& config, std::string_view name) {
  const auto& names = config.geocoding_providers;
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

MeasuredGeocoder::MeasuredGeocoder(net::Loop& loop, const Clock& clock,
                                   std::shared_ptr<geocoding::Geocoder> inner)
    : loop_(loop),
      clock_(clock),
      inner_(std::move(inner)),
      latency_(std::make_shared<base::LatencyHistogram>()) {}

void MeasuredGeocoder::Look(geocoding::Place place, Done done) {
  const auto begun = clock_.Now();
  // Not with `this`: a lookup that ends with its provider may end after it.
  inner_->Look(std::move(place),
               [&loop = loop_, &clock = clock_, begun, latency = latency_,
                done = std::move(done)](Result<geocoding::Found, geocoding::LookupError> found) {
                 loop.Post([latency, took = clock.Now() - begun] { latency->Record(took); });
                 done(std::move(found));
               });
}

void MeasuredGeocoder::Latency(std::function<void(const base::LatencyHistogram&)> done) const {
  loop_.Post([latency = latency_, done = std::move(done)] { done(*latency); });
}

GeocodingParts::GeocodingParts(const Config& config, net::Loop& control, broker::Broker& broker,
                               const Clock& clock)
    : config_(config), control_(control), broker_(broker), clock_(clock) {
  if (WantsOfflineIndex(config_)) OpenIndex();
  MakeProviders();
  control_.Run([this] {
    desk_ = std::make_unique<geocoding::GeocodingDesk>(control_, broker_, clock_, index_, chain_,
                                                       DeskOptionsOf(config_));
  });
  services_.look = [this](geocoding::Place place, geocoding::GeocodingDesk::LookDone done) {
    desk_->Look(std::move(place), std::move(done));
  };
  services_.language = config_.geocoding_language;
  if (index_ != nullptr) services_.attributions = index_->attributions();
  if (!online_.empty()) services_.attributions.push_back(kOpenStreetMap);
}

GeocodingParts::~GeocodingParts() { Close(); }

void GeocodingParts::OpenIndex() {
  const bool named = !config_.geocoding_index.empty();
  index_path_ = named ? config_.geocoding_index : FindGeocodingIndex();
  if (index_path_.empty()) {
    base::LogWarn("geocoding",
                  "addresses cannot be found offline: geocoding.bin is not beside the program",
                  {{"key", "geocoding.index"}});
    return;
  }
  auto opened = geocoding::OfflineIndex::Open(index_path_);
  if (opened) {
    index_ = std::move(*opened);
    return;
  }
  base::LogError(
      "geocoding", "addresses cannot be found offline: the index cannot be used",
      {{"file", index_path_}, {"reason", opened.error().detail}, {"key", "geocoding.index"}});
}

void GeocodingParts::MakeProviders() {
  const auto configured = OnlineGeocodersOf(config_);
  if (configured.empty()) return;
  loop_.Start();
  loop_.Run([this] {
    http_ = outbound::MakeHttpClient(loop_, GeocodingHttpOptionsOf(config_));
  });
  std::vector<std::shared_ptr<geocoding::Geocoder>> in_order;
  for (const std::string& name : config_.geocoding_providers) {
    if (name == kOfflineGeocoder) {
      if (index_ != nullptr) {
        in_order.push_back(std::make_shared<geocoding::OfflineGeocoder>(index_));
      }
      continue;
    }
    const auto one = std::find_if(configured.begin(), configured.end(),
                                  [&](const GeocoderConfig* c) { return c->name == name; });
    online_.push_back(std::make_shared<geocoding::OnlineGeocoder>(
        loop_, *http_, broker_.rate_limiter(), clock_, OnlineOptionsOf(config_, **one)));
    in_order.push_back(std::make_shared<GeocoderDoor>(online_.back()));
  }
  chain_ = std::make_shared<MeasuredGeocoder>(
      loop_, clock_, std::make_shared<geocoding::ProviderChain>(std::move(in_order)));
}

void GeocodingParts::Attach(auth::RateLimits& limits, socketio::Namespace& nsp) {
  event_ = std::make_unique<notify::GeocodingEvent>(*desk_, limits, nsp);
  event_->Attach();
}

void GeocodingParts::Start(StopPlaces::Where where) {
  desk_->Start();
  if (!config_.geocoding_on_stop) return;
  stops_ = std::make_unique<StopPlaces>(
      control_, broker_.log(), std::move(where), [this](tracking::LatLon place) {
        desk_->Prepare({place.latitude, place.longitude, config_.geocoding_language});
      });
}

void GeocodingParts::Stop() {
  stops_.reset();
  desk_->Stop();
}

void GeocodingParts::Close() {
  if (std::exchange(closed_, true)) return;
  // What is posted to a loop that has ended is dropped; then everything on it may go anywhere.
  loop_.Stop();
  event_.reset();
  stops_.reset();
  desk_.reset();
  chain_.reset();
  online_.clear();
  http_.reset();
}

api::GeocodingSample GeocodingParts::Sample() const {
  const geocoding::GeocodingCounters& desk = desk_->counters();
  const notify::GeocodingEventCounters& event = event_->counters();
  api::GeocodingSample sample;
  sample.requests = desk.requests;
  sample.offline = desk.offline;
  sample.provisional = desk.provisional;
  sample.hits = desk.hits;
  sample.stale = desk.stale;
  sample.misses = desk.misses;
  sample.joined = desk.joined;
  sample.queue_full = desk.queue_full;
  sample.lookups = desk.lookups;
  sample.found = desk.found;
  sample.not_found = desk.not_found;
  sample.failed = desk.failed;
  sample.dropped = desk.dropped;
  sample.automatic = desk.automatic;
  sample.stops_dropped = stops_ == nullptr ? 0 : stops_->dropped();
  sample.event_answered = event.answered;
  sample.event_queued = event.queued;
  sample.event_invalid = event.invalid;
  sample.event_rate_limited = event.rate_limited;
  sample.event_refused = event.refused;
  sample.index_bytes = index_ == nullptr ? 0 : index_->bytes();
  for (const auto& geocoder : online_) sample.providers.push_back(SampleOf(*geocoder));
  return sample;
}

void GeocodingParts::Measure(std::function<void(api::GeocodingSample)> done) {
  auto sample = std::make_shared<api::GeocodingSample>(Sample());
  if (chain_ == nullptr) return done(std::move(*sample));
  auto count = [this, sample, done = std::move(done)](const base::LatencyHistogram& latency) {
    control_.Post([this, sample, done, latency] {
      sample->lookup = latency;
      std::make_shared<QueueLook>([sample, done](std::optional<uint64_t> waiting) {
        sample->waiting = waiting.value_or(0);
        done(std::move(*sample));
      })->Begin(control_, broker_.tasks());
    });
  };
  chain_->Latency(std::move(count));
}

std::vector<std::string> GeocodingParts::Banner() const {
  std::vector<std::string> lines;
  std::string used;
  for (const std::string& name : config_.geocoding_providers) {
    if (name == kOfflineGeocoder && index_ == nullptr) continue;
    used += (used.empty() ? "" : ", then ") + name;
    for (const GeocoderConfig& geocoder : config_.geocoders) {
      if (geocoder.name != name) continue;
      used += " (" + geocoder.kind + ", " + outbound::RedactedUrl(geocoder.url) + ")";
    }
  }
  if (index_ != nullptr && !Lists(config_, kOfflineGeocoder)) used += ", provisionally offline";
  lines.push_back("addresses " + (used.empty() ? "from nobody: provider_unavailable" : used) +
                  (config_.geocoding_on_stop ? ", also where trackers stop" : ""));
  std::string off;
  if (index_ == nullptr) {
    off += WantsOfflineIndex(config_) ? "the offline index (not found)" : "the offline index";
  }
  for (const GeocoderConfig& geocoder : config_.geocoders) {
    if (Lists(config_, geocoder.name)) continue;
    off += (off.empty() ? "" : ", ") + geocoder.name + " (not in geocoding.providers)";
  }
  const auto leave_out = [&off](const char* what) {
    off += (off.empty() ? "" : ", ") + std::string(what);
  };
  if (online_.empty()) leave_out("streets (geocoding.providers)");
  if (!config_.geocoding_on_stop) leave_out("looking up where trackers stop");
  if (!off.empty()) lines.push_back("without   " + off);
  return lines;
}

}  // namespace trackwire::gateway
