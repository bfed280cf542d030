#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/config.h"

namespace trackwire::cli {

inline constexpr int kFine = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUsage = 2;
inline constexpr int kInterrupted = 130;

enum class Command {
  kServe,
  kFetch,
  kToken,
  kPublish,
  kReplay,
  kImport,
  kExport,
  kUser,
  kMigrate,
  kGeocode,
  kCheckConfig,
  kVersion
};

/// What the command line says.
struct Arguments {
  Command command = Command::kServe;
  gateway::ConfigSources sources;  ///< file, environment, flags, presets

  bool demo = false;

  // user
  std::string verb;  ///< add, list, disable, enable, passwd or set
  std::string name;
  bool json = false;
  bool no_roles = false;
  bool no_clients = false;
  bool no_permissions = false;

  // token; the lists also of user
  std::string subject;
  std::vector<std::string> roles;
  std::vector<std::string> clients;
  std::vector<std::string> permissions;
  std::string expires = "24h";

  // publish, replay
  std::string url = "http://127.0.0.1:8080";
  std::string ca;  ///< a PEM file; empty: whom this machine trusts
  std::string token;
  std::vector<std::string> envelopes;
  std::string file;
  std::string preset = "ais-us";
  std::vector<std::string> columns;
  double speed = 1;
  bool loop = false;

  // migrate
  bool check = false;  ///< tell, and change nothing

  // import, export; the columns as of replay, the client as of token
  std::vector<std::string> files;
  std::vector<std::string> trackers;  ///< ids; import has one at most
  std::string format;
  std::string import_preset;
  std::string provider;
  std::string start;
  std::string not_before;
  bool create = false;
  bool is_public = false;
  bool waypoints = false;
  std::string from;
  std::string to;
  std::string output;
  bool lines = false;
  int gap_s = 900;

  // geocode; json as of user, file as of replay, check: tell what was wrong
  std::vector<double> point;  ///< latitude and longitude, or empty
  std::string index;

  // check-config
  bool markdown = false;
};

/// What to do: either arguments, or a text for standard output (help) or standard error and the
/// code to exit with.
struct Parsed {
  std::optional<Arguments> arguments;
  std::string message;
  int exit_code = kFine;
};

Parsed ParseArguments(int argc, const char* const* argv);

}  // namespace trackwire::cli
