#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "auth/key_set.h"
#include "base/result.h"
#include "cli/arguments.h"
#include "gateway/config.h"

namespace trackwire::cli {

/// The program: reads the command line, runs a subcommand, returns the exit code.
int Main(int argc, const char* const* argv);

int Serve(const Arguments& arguments, const gateway::Config& config);
int Fetch(const Arguments& arguments, const gateway::Config& config);
int MakeToken(const Arguments& arguments, const gateway::Config& config);
int Publish(const Arguments& arguments, const gateway::Config& config);
int Replay(const Arguments& arguments, const gateway::Config& config);
/// `trackwire user …`. Exit codes as everywhere: 1 also for a name that there is not, or is
/// already.
int ManageUsers(const Arguments& arguments, const gateway::Config& config);
/// `trackwire migrate [--check]`. Exit codes as everywhere; with --check 1 also for steps to be
/// made.
int Migrate(const Arguments& arguments, const gateway::Config& config);
/// `trackwire import FILE…`: files into the store. Exit code 1 also when nothing of a file was
/// good.
int Import(const Arguments& arguments, const gateway::Config& config);
/// `trackwire export`: histories out of the store.
int Export(const Arguments& arguments, const gateway::Config& config);
/// `trackwire geocode LAT LON` or `trackwire geocode --csv FILE`. Exit code 1 also at sea.
int Geocode(const Arguments& arguments);
int CheckConfig(const Arguments& arguments, const gateway::Config& config);

/// Prints `trackwire: <message>` on standard error and returns `code`.
int Complain(const std::string& message, int code);
/// The exit code for what went wrong when starting or running.
int ExitCodeOf(const Error& error);

/// The secret tokens are signed with: auth.jwt_secret, or the file beside the database. It is the
/// server that makes the file; without one the error says what to do, and ends in `remedy`.
Result<std::shared_ptr<const auth::SecretKey>> OpenSecret(const gateway::Config& config,
                                                          const std::string& remedy = "");
/// A token to publish with: the given one, or a new one valid for an hour.
Result<std::string> PublishingToken(const Arguments& arguments, const gateway::Config& config);

/// `90s`, `30m`, `24h`, `30d` or plain seconds; nothing for others and above ten years.
std::optional<std::chrono::seconds> ParseDuration(const std::string& text);
/// An id of the command line as JSON: digits alone are a number, all else is text; `"7"` in quotes
/// is the text. Nothing when it is no id.
std::optional<std::string> ParseClientId(const std::string& text);

}  // namespace trackwire::cli
