#pragma once

#include <array>
#include <memory>

#include "broker/embedded/embedded_broker.h"
#include "tests/broker/contract.h"
#include "tests/support/temp_dir.h"

namespace trackwire::broker {

class EmbeddedFileBackend final : public Backend {
 public:
  explicit EmbeddedFileBackend(EmbeddedOptions::Sync sync) : sync_(sync) {}
  std::string path() const { return directory_.File("broker.db"); }

  Result<std::unique_ptr<Broker>> Open(const Options& options, net::Loop& loop,
                                       const Clock& clock) override {
    EmbeddedOptions embedded;
    embedded.path = path();
    embedded.expiry = options.expiry;
    embedded.max_memory_bytes = options.max_memory_bytes;
    embedded.max_queue_entries = options.max_queue_entries;
    embedded.max_rejected = options.max_rejected;
    embedded.max_cache_bytes = options.max_cache_bytes;
    embedded.session_lifetime = options.session_lifetime;
    embedded.session_grace = options.session_grace;
    embedded.sync = sync_;
    return OpenEmbeddedBroker(embedded, loop, clock);
  }

 private:
  test::TempDir directory_;
  EmbeddedOptions::Sync sync_;
};

/// Every broker that keeps its data when it is opened again.
inline const std::array<MakeBackend, 2> kPersistentBackends{
    +[]() -> std::unique_ptr<Backend> {
      return std::make_unique<EmbeddedFileBackend>(EmbeddedOptions::Sync::kNormal);
    },
    +[]() -> std::unique_ptr<Backend> {
      return std::make_unique<EmbeddedFileBackend>(EmbeddedOptions::Sync::kFull);
    }};

}  // namespace trackwire::broker
