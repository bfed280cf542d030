#pragma once

namespace trackwire::gateway {

/// The version of the program, such as `0.1.0`.
const char* Version();

}  // namespace trackwire::gateway
