#pragma once

#include <string>

namespace trackwire::broker::scripts {

// As those of scripts.h. A record is a hash: `proof`, `owner` (empty: ended), `value`; `away` once
// its connection has gone; what an attempt needs to answer the same when it is asked again. The
// index is a sorted set of the keys of records, all of one score; it may name some that have expired.

const std::string& SaveSession();
const std::string& ExpireSession();
const std::string& RemoveSession();
const std::string& TakeOverSession();
const std::string& EndSession();
/// Keys of the index in their order.
const std::string& NextSessionKeys();
/// What lies under keys; forgets those that are not there.
const std::string& ReadSessions();
/// Forgets those that are not there.
const std::string& SweepSessions();
const std::string& TouchSessions();

}  // namespace trackwire::broker::scripts
