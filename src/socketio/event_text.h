#pragma once

#include <string>

#include "base/json_scanner.h"

namespace trackwire::socketio {

// The payload of an EVENT taken apart, as handlers get it: an array that DecodePacket() accepted.

/// Its first element.
base::JsonValue EventName(base::JsonValue payload);
/// What that says; of a number its digits.
std::string NameText(base::JsonValue name);
/// The array without it. `name` is what EventName() gave.
std::string ArgsWithoutName(base::JsonValue payload, base::JsonValue name);

}  // namespace trackwire::socketio
