#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/geocode.h"
#include "api/geocoding_metrics.h"
#include "base/clock.h"
#include "broker/broker.h"
#include "gateway/config.h"
#include "gateway/stop_places.h"
#include "geocoding/geocoding_desk.h"
#include "geocoding/offline_index.h"
#include "geocoding/online_geocoder.h"
#include "net/loop.h"
#include "notify/geocoding_event.h"
#include "outbound/http_client.h"

namespace trackwire::gateway {

class MeasuredGeocoder;

/// All that finds addresses in a gateway: the offline index, the providers in the network on a loop
/// of their own, and the desk before them. Nothing of it runs on a loop that serves clients.
///
/// Used from the thread that starts and stops the gateway, unless it says otherwise.
class GeocodingParts {
 public:
  /// What is passed outlives it. Tells the log of an index that is not there.
  GeocodingParts(const Config& config, net::Loop& control, broker::Broker& broker,
                 const Clock& clock);
  /// After Close().
  ~GeocodingParts();
  GeocodingParts(const GeocodingParts&) = delete;
  GeocodingParts& operator=(const GeocodingParts&) = delete;

  /// Before the server starts.
  void Attach(auth::RateLimits& limits, socketio::Namespace& nsp);
  /// On the broker's loop: from here on places are looked up. `places` says where a tracker is.
  void Start(StopPlaces::Where where);
  /// On the broker's loop: what is under way goes to another gateway, new requests are refused.
  void Stop();
  /// Once no thread asks any more and the broker's loop has ended, before the broker goes.
  void Close();

  const api::GeocodeServices& services() const { return services_; }
  /// The broker's loop; `done` there.
  void Measure(std::function<void(api::GeocodingSample)> done);
  /// What is used, and what is not, for people.
  std::vector<std::string> Banner() const;

 private:
  void OpenIndex();
  void MakeProviders();
  api::GeocodingSample Sample() const;

  const Config& config_;
  net::Loop& control_;
  broker::Broker& broker_;
  const Clock& clock_;
  std::shared_ptr<const geocoding::OfflineIndex> index_;  ///< none: not there, or not wanted
  std::string index_path_;
  net::Loop loop_{"geocoding"};
  std::unique_ptr<outbound::HttpClient> http_;  ///< the loop's
  std::vector<std::shared_ptr<geocoding::OnlineGeocoder>> online_;
  std::shared_ptr<MeasuredGeocoder> chain_;  ///< none: only the index answers
  std::unique_ptr<geocoding::GeocodingDesk> desk_;
  std::unique_ptr<notify::GeocodingEvent> event_;
  std::unique_ptr<StopPlaces> stops_;  ///< none: nobody asks by themselves
  api::GeocodeServices services_;
  bool closed_ = false;
};

/// Measures what lookups take. Any thread.
class MeasuredGeocoder final : public geocoding::Geocoder {
 public:
  /// All that is passed and outlives a lookup is shared; `loop` and `clock` outlive it all.
  MeasuredGeocoder(net::Loop& loop, const Clock& clock, std::shared_ptr<geocoding::Geocoder> inner);
  void Look(geocoding::Place place, Done done) override;
  /// `done` on the loop.
  void Latency(std::function<void(const base::LatencyHistogram&)> done) const;

 private:
  net::Loop& loop_;
  const Clock& clock_;
  const std::shared_ptr<geocoding::Geocoder> inner_;
  const std::shared_ptr<base::LatencyHistogram> latency_;  ///< the loop's
};

}  // namespace trackwire::gateway
