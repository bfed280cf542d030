#include "auth/audit.h"

#include "base/kept_log.h"

namespace trackwire::auth {

Actor ActorOf(const Identity& identity, std::string_view address) {
  return {identity.authenticated ? identity.user : std::string(), std::string(address)};
}

void Audit(const Actor& actor, const Act& act) {
  base::LogKept("audit", act.what,
                {{"by", actor.user.empty() ? "-" : std::string_view(actor.user)},
                 {"address", actor.address.empty() ? "-" : std::string_view(actor.address)},
                 {"target", act.target},
                 {"outcome", act.outcome}});
}

}  // namespace trackwire::auth
