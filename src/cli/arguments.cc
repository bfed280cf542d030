#include "cli/arguments.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <sstream>

namespace trackwire::cli {
namespace {

constexpr const char* kDropInOrigins =
    "http://localhost:*,http://127.0.0.1:*,https://localhost:*,https://127.0.0.1:*";

/// Flags as they were written, before they become configuration.
struct Flags {
  std::string config;
  std::string listen;
  std::string database;
  std::string redis;
  std::string threads;
  std::vector<std::string> set;
  bool drop_in = false;
};

void AddConfigFlags(CLI::App& command, Flags& flags) {
  command.add_option("--config", flags.config, "TOML file with the configuration")
      ->envname("TRACKWIRE_CONFIG");
  command.add_option("--database", flags.database,
                     "store: sqlite:///absolute/path, sqlite:relative.db, sqlite::memory: or "
                     "postgresql://user@host/database");
  command.add_option("--set", flags.set, "any key of the configuration, as KEY=VALUE")
      ->allow_extra_args(false);
}

void AddRedisFlag(CLI::App& command, Flags& flags) {
  command.add_option("--redis", flags.redis,
                     "the broker that gateways and fetchers share: redis://, rediss://, unix:// or "
                     "redis+sentinel://")
      ->check([](const std::string& url) {
        // A variable of a script that is not set: alone is not what was meant.
        return url.empty() ? std::string("a URL is needed") : std::string();
      });
}

void AddFetch(CLI::App& app, Flags& flags) {
  CLI::App* fetch = app.add_subcommand(
      "fetch", "Fetch positions beside gateways on one Redis; several share the work");
  AddConfigFlags(*fetch, flags);
  AddRedisFlag(*fetch, flags);
}

void AddServe(CLI::App& app, Flags& flags, Arguments& arguments) {
  CLI::App* serve = app.add_subcommand("serve", "Run the gateway");
  AddConfigFlags(*serve, flags);
  serve->add_option("--listen", flags.listen, "HOST:PORT; port 0 takes a free one");
  serve->add_option("--threads", flags.threads, "shards; 0: one a core");
  AddRedisFlag(*serve, flags);
  serve->add_flag("--demo", arguments.demo, "replay a recorded day of ships, visible to everybody");
  serve->add_flag("--drop-in", flags.drop_in,
                  "stand in for an existing Socket.IO server: unknown trackers are public, with "
                  "all fields but those of visibility.hidden_fields, pages of this machine may "
                  "connect, positions in notifications are stored");
}

void AddToken(CLI::App& app, Flags& flags, Arguments& arguments) {
  CLI::App* token = app.add_subcommand("token", "Print a token signed with the server's secret");
  AddConfigFlags(*token, flags);
  token->add_option("--sub", arguments.subject, "user the token is for")->required();
  token->add_option("--role", arguments.roles, "admin or user; may be given several times")
      ->allow_extra_args(false);
  token->add_option("--client", arguments.clients, "client whose trackers the user sees; several")
      ->allow_extra_args(false);
  token->add_option("--permission", arguments.permissions, "such as notifications:publish; several")
      ->allow_extra_args(false);
  token->add_option("--expires", arguments.expires, "lifetime: 90s, 30m, 24h, 30d")
      ->capture_default_str();
}

CLI::App* AddVerb(CLI::App& user, const char* verb, const char* help, Flags& flags,
                  Arguments& arguments) {
  CLI::App* command = user.add_subcommand(verb, help);
  AddConfigFlags(*command, flags);
  if (std::string(verb) != "list") {
    command->add_option("name", arguments.name, "the user's name, without regard to capitals")
        ->required();
  }
  return command;
}

/// What a user may do.
void AddRights(CLI::App& command, Arguments& arguments) {
  command.add_option("--role", arguments.roles, "admin or user; may be given several times")
      ->allow_extra_args(false);
  command.add_option("--client", arguments.clients, "client whose trackers the user sees; several")
      ->allow_extra_args(false);
  command
      .add_option("--permission", arguments.permissions, "such as notifications:publish; several")
      ->allow_extra_args(false);
}

void AddUser(CLI::App& app, Flags& flags, Arguments& arguments) {
  CLI::App* user = app.add_subcommand("user", "Manage who may sign in");
  user->require_subcommand(1);
  CLI::App* add = AddVerb(*user, "add",
                          "Add a user; the password is asked for, or read from standard input when "
                          "that is no terminal",
                          flags, arguments);
  AddRights(*add, arguments);
  CLI::App* list = AddVerb(*user, "list", "List all users", flags, arguments);
  list->add_flag("--json", arguments.json, "as JSON");
  AddVerb(*user, "disable", "Let a user in no more, and end the sessions there are", flags,
          arguments);
  AddVerb(*user, "enable", "Let a user in again", flags, arguments);
  AddVerb(*user, "passwd", "Set another password, and end the sessions there are", flags, arguments);
  CLI::App* set = AddVerb(*user, "set", "Change what a user may do: each list given replaces the old",
                          flags, arguments);
  AddRights(*set, arguments);
  set->add_flag("--no-roles", arguments.no_roles, "take all roles away");
  set->add_flag("--no-clients", arguments.no_clients, "take all clients away");
  set->add_flag("--no-permissions", arguments.no_permissions, "take all permissions away");
}

void AddMigrate(CLI::App& app, Flags& flags, Arguments& arguments) {
  CLI::App* migrate =
      app.add_subcommand("migrate", "Bring the tables of the store up to date with this program");
  AddConfigFlags(*migrate, flags);
  migrate->add_flag("--check", arguments.check,
                    "tell which steps are to be made and make none; exit code 1 when there are any");
}

void AddTarget(CLI::App& command, Arguments& arguments) {
  command.add_option("--url", arguments.url, "the gateway")->capture_default_str();
  command.add_option("--ca", arguments.ca,
                     "PEM file of who signed the gateway's certificate, if this machine does not "
                     "know");
  command.add_option("--token", arguments.token,
                     "token to use; otherwise one is made with the server's secret");
}

void AddPublish(CLI::App& app, Flags& flags, Arguments& arguments) {
  CLI::App* publish = app.add_subcommand("publish", "Put notifications in");
  AddConfigFlags(*publish, flags);
  AddTarget(*publish, arguments);
  publish->add_option("envelope", arguments.envelopes,
                      "envelopes as JSON; without any, JSON texts are read from standard input");
}

void AddReplay(CLI::App& app, Flags& flags, Arguments& arguments) {
  CLI::App* replay = app.add_subcommand("replay", "Publish a recorded file as if it happened now");
  AddConfigFlags(*replay, flags);
  AddTarget(*replay, arguments);
  replay->add_option("--file", arguments.file, "CSV, GPX, GeoJSON or NMEA, plain or gzip")
      ->required();
  replay->add_option("--preset", arguments.preset,
                     "the columns of a CSV file: ais-us, or names for what its header calls them")
      ->capture_default_str();
  replay->add_option("--column", arguments.columns, "a column as field=Column; several")
      ->allow_extra_args(false);
  replay->add_option("--speed", arguments.speed, "recorded seconds played in one second")
      ->check(CLI::Range(0.01, 1000.0))
      ->capture_default_str();
  replay->add_flag("--loop", arguments.loop, "begin again at the end");
}

void AddImport(CLI::App& app, Flags& flags, Arguments& arguments) {
  CLI::App* import = app.add_subcommand("import", "Put the positions of files into the store");
  AddConfigFlags(*import, flags);
  import->add_option("files", arguments.files, "CSV, GPX, GeoJSON or NMEA, plain or gzip")
      ->required();
  import->add_option("--format", arguments.format, "what the files are, where names do not say")
      ->check(CLI::IsMember({"csv", "gpx", "geojson", "nmea"}));
  import->add_option("--tracker", arguments.trackers, "the tracker that all positions are of")
      ->expected(1);
  import->add_flag("--create", arguments.create, "make trackers that are not there");
  import->add_option("--client", arguments.clients, "whose the trackers made are")->expected(1);
  import->add_flag("--public", arguments.is_public, "everybody may see the trackers made");
  import->add_option("--provider", arguments.provider,
                     "the source that the trackers made report by; push unless given");
  import->add_option("--preset", arguments.import_preset,
                     "the columns of a CSV file: ais-us; otherwise they are found by their names");
  import->add_option("--column", arguments.columns, "a column as field=Column; several")
      ->allow_extra_args(false);
  import->add_flag("--waypoints", arguments.waypoints, "take the waypoints of GPX files, too");
  import->add_option("--start", arguments.start,
                     "when NMEA or AIS without dates begins: a time or day of UTC");
  import->add_option("--not-before", arguments.not_before,
                     "earlier dates in NMEA are of a receiver that lost 1024 weeks");
}

void AddExport(CLI::App& app, Flags& flags, Arguments& arguments) {
  CLI::App* out = app.add_subcommand("export", "Write the positions of trackers to a file");
  AddConfigFlags(*out, flags);
  out->add_option("--tracker", arguments.trackers, "a tracker; several; without any, all")
      ->allow_extra_args(false);
  out->add_option("--from", arguments.from, "from this fix time or day of UTC on");
  out->add_option("--to", arguments.to, "before this fix time or day");
  out->add_option("--format", arguments.format, "csv, gpx or geojson; otherwise as --output ends")
      ->check(CLI::IsMember({"csv", "gpx", "geojson"}));
  out->add_option("--output", arguments.output, "a file; without one, standard output");
  out->add_flag("--lines", arguments.lines, "GeoJSON: lines with times instead of points");
  out->add_option("--gap", arguments.gap_s, "seconds that split a GPX segment or a line")
      ->check(CLI::Range(1, 31'536'000))
      ->capture_default_str();
}

void AddGeocode(CLI::App& app, Arguments& arguments) {
  CLI::App* geocode =
      app.add_subcommand("geocode", "Tell the address of a point from the offline index");
  auto* point = geocode->add_option("point", arguments.point, "latitude and longitude, in degrees")
                    ->expected(2)
                    ->check(CLI::Number);
  auto* csv = geocode->add_option("--csv", arguments.file,
                                  "instead: how many of a file's points with known addresses are "
                                  "answered right (docs/geocoding.md)");
  csv->excludes(point);
  geocode->add_flag("--mistakes", arguments.check, "with --csv: also each that was wrong")
      ->needs(csv);
  geocode->add_flag("--json", arguments.json, "the address as clients get it")->needs(point);
  geocode->add_option("--index", arguments.index, "the index; otherwise the one beside the program");
  geocode->callback([point, csv] {
    if (point->count() == 0 && csv->count() == 0) {
      throw CLI::RequiredError("a latitude and longitude, or --csv FILE");
    }
  });
}

std::optional<std::string> Collect(const Flags& flags, Arguments& arguments) {
  gateway::ConfigSources& sources = arguments.sources;
  sources.file = flags.config;
  sources.environment = gateway::TrackwireEnvironment();
  const auto flag = [&](const char* key, const char* name, const std::string& value) {
    if (!value.empty()) sources.flags.push_back({key, value, name});
  };
  flag("listen", "--listen", flags.listen);
  flag("database.url", "--database", flags.database);
  flag("redis.url", "--redis", flags.redis);
  flag("threads", "--threads", flags.threads);
  for (const std::string& item : flags.set) {
    const size_t equals = item.find('=');
    if (equals == std::string::npos || equals == 0) return "--set: write KEY=VALUE";
    sources.flags.push_back({item.substr(0, equals), item.substr(equals + 1), "--set"});
  }
  if (flags.drop_in) {
    sources.presets.push_back({"visibility.unknown_trackers", "public", "--drop-in"});
    sources.presets.push_back({"visibility.hidden_from", "", "--drop-in"});
    sources.presets.push_back({"ingest.from_notifications", "true", "--drop-in"});
    sources.presets.push_back({"cors.origins", kDropInOrigins, "--drop-in"});
  }
  // A recording that goes round for weeks would fill the disk.
  if (arguments.demo) sources.presets.push_back({"history.retention_days", "1", "--demo"});
  return std::nullopt;
}

Command CommandOf(const CLI::App& app) {
  const std::string name = app.get_subcommands().front()->get_name();
  if (name == "fetch") return Command::kFetch;
  if (name == "token") return Command::kToken;
  if (name == "publish") return Command::kPublish;
  if (name == "replay") return Command::kReplay;
  if (name == "import") return Command::kImport;
  if (name == "export") return Command::kExport;
  if (name == "user") return Command::kUser;
  if (name == "geocode") return Command::kGeocode;
  if (name == "migrate") return Command::kMigrate;
  if (name == "check-config") return Command::kCheckConfig;
  if (name == "version") return Command::kVersion;
  return Command::kServe;
}

}  // namespace

Parsed ParseArguments(int argc, const char* const* argv) {
  CLI::App app{"Trackwire: a real-time tracking server", "trackwire"};
  app.require_subcommand(1);
  app.footer("Each command explains itself: trackwire COMMAND --help");
  Flags flags;
  Parsed parsed;
  Arguments arguments;
  AddServe(app, flags, arguments);
  AddFetch(app, flags);
  AddToken(app, flags, arguments);
  AddPublish(app, flags, arguments);
  AddReplay(app, flags, arguments);
  AddImport(app, flags, arguments);
  AddExport(app, flags, arguments);
  AddUser(app, flags, arguments);
  AddMigrate(app, flags, arguments);
  AddGeocode(app, arguments);
  CLI::App* check =
      app.add_subcommand("check-config", "Check the configuration and explain every key");
  AddConfigFlags(*check, flags);
  check->add_flag("--markdown", arguments.markdown, "print the table of keys for documents");
  app.add_subcommand("version", "Print the version");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream err;
    parsed.exit_code = app.exit(error, out, err) == 0 ? kFine : kWrongUsage;
    parsed.message = parsed.exit_code == kFine ? out.str() : err.str();
    return parsed;
  }
  arguments.command = CommandOf(app);
  if (arguments.command == Command::kUser) {
    arguments.verb = app.get_subcommand("user")->get_subcommands().front()->get_name();
  }
  if (auto wrong = Collect(flags, arguments)) {
    parsed.message = *wrong + "\n";
    parsed.exit_code = kWrongUsage;
    return parsed;
  }
  parsed.arguments = std::move(arguments);
  return parsed;
}

}  // namespace trackwire::cli
