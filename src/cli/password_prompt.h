#pragma once

#include <string>

#include "base/result.h"

namespace trackwire::cli {

/// A new password from whoever runs the program: asked for twice at the terminal, without echo, or
/// the first line of standard input when that is no terminal.
///
/// The terminal echoes again when this returns and when a signal ends the program meanwhile.
/// Errors: `bad_password` says what is wrong with it, `no_input` that there was none, `terminal`.
Result<std::string> ReadNewPassword();

}  // namespace trackwire::cli
