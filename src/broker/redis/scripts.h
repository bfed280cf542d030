#pragma once

#include <string>

namespace trackwire::broker::scripts {

// What each takes and answers is said at its text in the .cc. Each declares every key it touches,
// reads before it writes and checks types first, so that it runs wholly or not at all.

/// One batch of the append pipeline.
const std::string& Append();
/// Looks after the log: its epoch, its end, what expired.
const std::string& Check();
/// A part of the log.
const std::string& Read();
/// The next entries of the inbox, for who holds its lease.
const std::string& TakeFromInbox();
const std::string& HoldLease();
const std::string& ReleaseLease();
/// Begins a new window of hearings.
const std::string& Tick();

}  // namespace trackwire::broker::scripts
