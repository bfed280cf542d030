#include "gateway/fetch_updates.h"

#include "gateway/fetch_service.h"

namespace trackwire::gateway {

Result<std::unique_ptr<FetchUpdates>> FetchUpdates::Open(const Config& config, net::Loop& control,
                                                         broker::Broker& broker,
                                                         const Clock& clock) {
  std::unique_ptr<FetchUpdates> updates(new FetchUpdates(control));
  FetchUpdates* self = updates.get();
  auto loader = BoardLoader::Open(
      config.database_url,
      [self](const auto&, const std::vector<tracking::TrackerState>& states, bool) {
        std::map<tracking::Id, std::string> providers;
        for (const auto& state : states) providers[state.tracker.id] = state.tracker.provider;
        self->control_.Post([self, providers = std::move(providers)]() mutable {
          self->providers_ = std::move(providers);
        });
      },
      [](const ingest::StoreChange&) {});
  if (!loader) return Err(std::move(loader.error()));
  updates->loader_ = std::move(*loader);
  auto options = UpdateOptionsOf(config);
  options.gateway = false;
  options.find = [self](const tracking::Id& id) -> std::optional<ingest::BrokerUpdateDesk::Target> {
    const auto found = self->providers_.find(id);
    if (found == self->providers_.end()) return std::nullopt;
    return ingest::BrokerUpdateDesk::Target{found->second};
  };
  control.Run([&] {
    self->news_ = broker.pub_sub().Subscribe(
        kTrackersChanged, [self](std::string_view) { self->loader_->Reload(); });
    self->desk_ = std::make_unique<ingest::BrokerUpdateDesk>(control, broker, broker.outlet(),
                                                             clock, std::move(options));
    self->desk_->Start();
  });
  // What was announced between the first reading and the moment from which announcements arrive.
  updates->loader_->Reload();
  return updates;
}

FetchUpdates::~FetchUpdates() {
  control_.Run([this] {
    news_.reset();
    desk_.reset();
  });
  // Then nothing of it is on its way to the loop any more.
  loader_.reset();
  control_.Run([] {});
}

}  // namespace trackwire::gateway
