#pragma once

#include <functional>
#include <string>

#include "auth/revocations.h"
#include "broker/broker.h"
#include "notify/owner_line.h"
#include "notify/session_admin.h"
#include "notify/session_book.h"

namespace trackwire::notify {

/// SessionAdmin over the records that the SessionBooks of all gateways keep in the broker.
class SessionDirectory final : public SessionAdmin {
 public:
  /// All outlive it.
  SessionDirectory(broker::Broker& broker, auth::Revocations& revocations, OwnerLine& line,
                   SessionBook& book);

  void List(std::string after, size_t max, std::function<void(Result<SessionList>)> done) override;
  void End(std::string sid, bool revoke, auth::Actor by,
           std::function<void(Result<void>)> done) override;

 private:
  struct Ending;

  void Revoke(const Ending& ending);
  void EndRecord(const Ending& ending);

  broker::Broker& broker_;
  auth::Revocations& revocations_;
  OwnerLine& line_;
  SessionBook& book_;
};

}  // namespace trackwire::notify
