#pragma once

#include <string>

#include "base/result.h"

namespace trackwire::auth {

/// The secret in `path`, made of random bytes (as text) on first use.
///
/// Creation is atomic: of two processes that start at once both get the same secret, and a crash
/// leaves either no file or a whole one, readable by its owner only. Errors: `secret_unreadable`,
/// `secret_empty`, `secret_permissions` when others own it or may read it, `secret_not_written`.
/// Blocks.
Result<std::string> LoadOrCreateSecret(const std::string& path);

/// The secret in `path`; `secret_missing` when there is no such file. A symbolic link is not
/// followed: `secret_unreadable`.
Result<std::string> LoadSecret(const std::string& path);

}  // namespace trackwire::auth
