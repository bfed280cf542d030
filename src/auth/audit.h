#pragma once

#include <string>
#include <string_view>

#include "auth/identity.h"

namespace trackwire::auth {

/// Who did something that an operator may have to answer for.
struct Actor {
  std::string user;     ///< empty: nobody signed in
  std::string address;  ///< real address of the peer; empty: at the command line
};
Actor ActorOf(const Identity& identity, std::string_view address);

/// One administrative act, told after it was tried.
struct Act {
  std::string_view what;     ///< a stable word such as `session.end`, `user.disable`, `login`
  std::string_view target;   ///< what it was done to: a sid, a user's name; never a secret
  std::string_view outcome;  ///< `done`, or a stable word that says why not
};

/// Writes the act as one line of the log, under the component `audit`, whatever level is set. Any
/// thread.
void Audit(const Actor& actor, const Act& act);

}  // namespace trackwire::auth
