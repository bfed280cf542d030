#include "cli/commands.h"

#include <cstdio>

#include "auth/secret_file.h"
#include "auth/token.h"
#include "gateway/tls.h"
#include "gateway/token_keys.h"
#include "gateway/version.h"

namespace trackwire::cli {

int Complain(const std::string& message, int code) {
  std::fprintf(stderr, "trackwire: %s\n", message.c_str());
  return code;
}

int ExitCodeOf(const Error& error) { return error.code == "bad_config" ? kWrongUsage : kFailed; }

Result<std::shared_ptr<const auth::SecretKey>> OpenSecret(const gateway::Config& config,
                                                          const std::string& remedy) {
  if (!gateway::HasSecret(config)) {
    return Err("secret_missing", "tokens come from the issuer of " +
                                     gateway::DescribeTokenKeys(config) +
                                     ", whose secret is not ours" + remedy);
  }
  std::string secret = config.auth_jwt_secret;
  if (secret.empty()) {
    const std::string path = gateway::SecretPath(config);
    auto loaded = auth::LoadSecret(path);
    if (!loaded && loaded.error().code == "secret_missing") {
      // One made here would be another than the server's, and nothing signed with it would count.
      return Err("secret_missing",
                 path +
                     ": there is no secret here; the server makes it when it first starts. Run "
                     "this in the server's directory or with its configuration" +
                     remedy);
    }
    if (!loaded) return Err(loaded.error());
    secret = std::move(*loaded);
  }
  return gateway::SecretKeyOf(config, std::move(secret));
}

Result<std::string> PublishingToken(const Arguments& arguments, const gateway::Config& config) {
  if (!arguments.token.empty()) return arguments.token;
  auto key = OpenSecret(config, ", or give it a --token");
  if (!key) return Err(key.error());
  auth::TokenRequest request;
  request.subject = "trackwire-cli";
  request.permissions = {std::string(auth::kPublishPermission)};
  request.issued_at = Clock::System().WallNow();
  request.expires_at = request.issued_at + std::chrono::hours(1);
  return auth::MakeToken(request, **key, gateway::ClaimRulesOf(config));
}

int CheckConfig(const Arguments& arguments, const gateway::Config& config) {
  std::vector<std::string> warnings;
  const auto broken =
      arguments.markdown ? std::nullopt : gateway::CheckTlsFiles(config, warnings);
  if (broken) return Complain(broken->detail, kWrongUsage);
  const std::string text =
      arguments.markdown ? gateway::ConfigReference() + "\n" + gateway::ProviderReference() + "\n" +
                               gateway::GeocoderReference()
                         : gateway::ExplainConfig(config);
  std::fputs(text.c_str(), stdout);
  for (const std::string& name : gateway::UnknownVariables(arguments.sources.environment)) {
    std::fprintf(stderr, "trackwire: note: %s names no key\n", name.c_str());
  }
  for (const std::string& warning : warnings) {
    std::fprintf(stderr, "trackwire: note: %s\n", warning.c_str());
  }
  return kFine;
}

int Main(int argc, const char* const* argv) {
  const Parsed parsed = ParseArguments(argc, argv);
  if (!parsed.arguments) {
    std::fputs(parsed.message.c_str(), parsed.exit_code == kFine ? stdout : stderr);
    return parsed.exit_code;
  }
  const Arguments& arguments = *parsed.arguments;
  if (arguments.command == Command::kVersion) {
    std::printf("trackwire %s\n", gateway::Version());
    return kFine;
  }
  // Needs no configuration, so that a broken one is not in its way.
  if (arguments.command == Command::kGeocode) return Geocode(arguments);
  auto config = gateway::LoadConfig(arguments.sources);
  if (!config) return Complain(config.error().detail, kWrongUsage);
  switch (arguments.command) {
    case Command::kServe:
      return Serve(arguments, *config);
    case Command::kFetch:
      return Fetch(arguments, *config);
    case Command::kToken:
      return MakeToken(arguments, *config);
    case Command::kPublish:
      return Publish(arguments, *config);
    case Command::kReplay:
      return Replay(arguments, *config);
    case Command::kImport:
      return Import(arguments, *config);
    case Command::kExport:
      return Export(arguments, *config);
    case Command::kUser:
      return ManageUsers(arguments, *config);
    case Command::kMigrate:
      return Migrate(arguments, *config);
    case Command::kCheckConfig:
      return CheckConfig(arguments, *config);
    case Command::kGeocode:
    case Command::kVersion:
      break;
  }
  return kFine;
}

}  // namespace trackwire::cli
