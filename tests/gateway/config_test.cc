#include "gateway/config.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "gateway/config_keys.h"
#include "gateway/open_broker.h"
#include "gateway/replay_config.h"
#include "gateway/token_keys.h"
#include "tests/support/temp_dir.h"

namespace trackwire::gateway {
namespace {

class ConfigTest : public ::testing::Test {
 protected:
  test::TempDir directory_;
  ConfigSources sources_;

  void File(const std::string& text) {
    sources_.file = directory_.File("trackwire.toml");
    std::ofstream(sources_.file) << text;
  }
  Config Loaded() {
    auto config = LoadConfig(sources_);
    EXPECT_TRUE(config) << config.error().detail;
    return config ? *config : Config();
  }
  /// What is said about a mistake, with the directory taken out.
  std::string Complaint() {
    auto config = LoadConfig(sources_);
    if (config) return "accepted";
    EXPECT_EQ(config.error().code, "bad_config");
    std::string text = config.error().detail;
    const size_t at = text.find(sources_.file);
    if (!sources_.file.empty() && at == 0) text.replace(0, sources_.file.size(), "FILE");
    return text;
  }
};

TEST_F(ConfigTest, HasDefaultsThatRun) {
  const Config config = Loaded();
  EXPECT_EQ(config.listen_host(), "127.0.0.1");
  EXPECT_EQ(config.listen_port(), 8080);
  EXPECT_EQ(config.recovery_window_s, 120);
  EXPECT_EQ(config.heartbeat_timeout_ms, 60'000);
  EXPECT_EQ(config.limits_conflate_above_bytes, 65'536);
  EXPECT_EQ(config.visibility_unknown_trackers, "admin");
}

TEST_F(ConfigTest, LetsLaterSourcesWin) {
  sources_.presets = {{"visibility.unknown_trackers", "public", "--drop-in"}};
  File("listen = \"0.0.0.0:1\"\nthreads = 2\n[visibility]\nunknown_trackers = \"admin\"\n");
  sources_.environment = {{"TRACKWIRE_LISTEN", "0.0.0.0:2"}, {"TRACKWIRE_THREADS", "3"}};
  sources_.flags = {{"threads", "4", "--threads"}};
  const Config config = Loaded();
  EXPECT_EQ(config.visibility_unknown_trackers, "admin");
  EXPECT_EQ(config.listen, "0.0.0.0:2");
  EXPECT_EQ(config.threads, 4);
  EXPECT_EQ(config.sources.at("listen"), "TRACKWIRE_LISTEN");
  EXPECT_EQ(config.sources.at("threads"), "--threads");
}

TEST_F(ConfigTest, ReadsEveryTypeFromAFile) {
  File(
      "[auth]\nrequire_auth = true\n[cors]\norigins = [\"https://a.org\", \"https://*.b.org\"]\n"
      "[replay]\nfile = \"x.csv\"\nspeed = 2.5\n[heartbeat]\ninterval_ms = 1000\n");
  const Config config = Loaded();
  EXPECT_TRUE(config.auth_require_auth);
  EXPECT_EQ(config.cors_origins.size(), 2u);
  EXPECT_EQ(config.replay_speed, 2.5);
  EXPECT_EQ(config.heartbeat_interval_ms, 1000);
}

TEST_F(ConfigTest, ReadsListsFromTheEnvironment) {
  sources_.environment = {{"TRACKWIRE_CORS_ORIGINS", "https://a.org, https://b.org"},
                          {"TRACKWIRE_AUTH_REQUIRE_AUTH", "yes"}};
  const Config config = Loaded();
  EXPECT_EQ(config.cors_origins, (std::vector<std::string>{"https://a.org", "https://b.org"}));
  EXPECT_TRUE(config.auth_require_auth);
}

TEST_F(ConfigTest, NamesAnUnknownKeyItsLineAndItsNeighbour) {
  File("listen = \"0.0.0.0:1\"\n\n[recovery]\nwindows_s = 3\n");
  EXPECT_EQ(Complaint(),
            "FILE:4: there is no key recovery.windows_s; did you mean recovery.window_s?");
}

TEST_F(ConfigTest, NamesABadValueItsLineAndWhatFits) {
  File("threads = \"two\"\n");
  EXPECT_EQ(Complaint(), "FILE:1: threads: must be a whole number 0..64");
  File("\nthreads = 65\n");
  EXPECT_EQ(Complaint(), "FILE:2: threads: must be a whole number 0..64");
  File("threads = 1.5\n");
  EXPECT_EQ(Complaint(), "FILE:1: threads: must be a whole number 0..64");
  File("[log]\nlevel = \"loud\"\n");
  EXPECT_EQ(Complaint(), "FILE:2: log.level: must be one of debug, info, warn, error, off");
  File("[recovery]\nenabled = 1\n");
  EXPECT_EQ(Complaint(), "FILE:2: recovery.enabled: must be true or false");
  File("[replay]\nspeed = nan\n");
  EXPECT_EQ(Complaint(), "FILE:2: replay.speed: must be a number 0.01..1000");
}

TEST_F(ConfigTest, NamesTheLineOfBrokenToml) {
  File("listen = \"a\n");
  EXPECT_EQ(Complaint().substr(0, 7), "FILE:1:");
  File("[auth]\n[auth]\n");
  EXPECT_EQ(Complaint().substr(0, 7), "FILE:2:");
}

TEST_F(ConfigTest, RefusesAFileThatIsNotThere) {
  sources_.file = directory_.File("none.toml");
  EXPECT_EQ(Complaint(), "FILE: the configuration file cannot be read");
}

TEST_F(ConfigTest, NamesTheVariableOfABadValue) {
  sources_.environment = {{"TRACKWIRE_LISTEN", "8080"}};
  EXPECT_EQ(Complaint().substr(0, 24), "TRACKWIRE_LISTEN: listen");
}

TEST_F(ConfigTest, NeverSaysThePasswordOfADatabase) {
  for (const char* url : {"postgresql://ada:hunter%2@db/x", "postgres://ada:hunter2@db/x?hunter2=1",
                          "postgresql://ada:hunter2@[db/x"}) {
    sources_.flags = {{"database.url", url, "--database"}};
    const std::string complaint = Complaint();
    EXPECT_EQ(complaint.find("--database: database.url: is no PostgreSQL URL"), 0u) << complaint;
    EXPECT_EQ(complaint.find("hunter"), std::string::npos) << complaint;
  }
  sources_.flags = {{"database.url", "postgresql://mallory:hunter2@db:5433/tracks", "--database"}};
  const auto config = LoadConfig(sources_);
  ASSERT_TRUE(config);
  EXPECT_EQ(DescribeStore(*config), "PostgreSQL db:5433/tracks");
  const std::string shown = ExplainConfig(*config);
  EXPECT_NE(shown.find("postgresql://db:5433/tracks"), std::string::npos);
  EXPECT_EQ(shown.find("hunter"), std::string::npos);
  EXPECT_EQ(shown.find("mallory"), std::string::npos);
}

TEST_F(ConfigTest, ChecksThatValuesFitTogether) {
  sources_.flags = {{"limits.conflate_above_bytes", "500000", "--set"},
                    {"limits.max_backlog_bytes", "400000", "--set"}};
  EXPECT_NE(Complaint().find("limits.max_backlog_bytes"), std::string::npos);
  sources_.flags = {{"cors.origins", "*,https://a.org", "--set"}};
  EXPECT_NE(Complaint().find("cors.origins"), std::string::npos);
  sources_.flags = {{"recovery.window_s", "7200", "--set"}};
  EXPECT_NE(Complaint().find("broker.expiry_s"), std::string::npos);
  sources_.flags = {{"replay.speed", "2", "--set"}};
  EXPECT_EQ(Complaint(), "replay.speed does nothing without replay.file");
}

TEST_F(ConfigTest, ChecksWhereKeysOfTokensComeFrom) {
  sources_.flags = {{"auth.jwks", "http://issuer.example/keys", "--set"}};
  EXPECT_NE(Complaint().find("auth.jwks: keys are asked for over https"), std::string::npos);
  sources_.flags = {{"auth.jwks", "ftp://127.0.0.1/keys", "--set"}};
  EXPECT_NE(Complaint().find("auth.jwks: "), std::string::npos);
  sources_.flags = {{"auth.jwt_secret", "-----BEGIN PUBLIC KEY-----", "--set"}};
  EXPECT_NE(Complaint().find("auth.public_key"), std::string::npos);
  sources_.flags = {{"auth.algorithms", "ES256", "--set"}};
  EXPECT_NE(Complaint().find("auth.algorithms: "), std::string::npos);
  sources_.flags = {{"auth.algorithms", "none", "--set"}};
  EXPECT_NE(Complaint().find("\"none\" is not one of HS256"), std::string::npos);
  sources_.flags = {{"auth.roles_claim", "a..b", "--set"}};
  EXPECT_NE(Complaint().find("auth.roles_claim: "), std::string::npos);
  sources_.flags = {{"auth.algorithms", "ES256", "--set"},
                    {"auth.jwks", "https://issuer.example/keys", "--set"}};
  const Config config = Loaded();
  EXPECT_FALSE(HasSecret(config));
  EXPECT_EQ(DescribeTokenKeys(config), "https://issuer.example/keys");
}

TEST_F(ConfigTest, MakesNoSecretWhereAnotherKeyIsGiven) {
  sources_.flags = {{"auth.jwks", directory_.File("keys.json"), "--set"},
                    {"database.url", "sqlite:" + directory_.File("data.db"), "--set"}};
  const Config config = Loaded();
  auto missing = OpenTokenKeys(config, Clock::System());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, "bad_config");
  std::ofstream(config.auth_jwks) << R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k",)"
                                  << R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})";
  auto keys = OpenTokenKeys(config, Clock::System());
  ASSERT_TRUE(keys) << keys.error().detail;
  EXPECT_EQ(keys->sources.size(), 1u);
  EXPECT_EQ(keys->jwks->status().keys, 1u);
  EXPECT_FALSE(std::filesystem::exists(SecretPath(config)));
}

TEST_F(ConfigTest, SaysWhatIsWrongWithTheAddressOfRedis) {
  for (const char* url : {"http://a", "redis://", "redis://h:99999", "redis://u:geheim@h/x"}) {
    sources_.flags = {{"redis.url", url, "--redis"}};
    const std::string complaint = Complaint();
    EXPECT_EQ(complaint.rfind("--redis: redis.url: ", 0), 0u) << complaint;
    EXPECT_EQ(complaint.find("geheim"), std::string::npos) << complaint;
  }
  sources_.flags = {{"redis.url", "redis://h", "--redis"}, {"redis.prefix", "a b", "--set"}};
  EXPECT_EQ(Complaint().rfind("--set: redis.prefix: must be", 0), 0u);
}

TEST_F(ConfigTest, RefusesKeysOfRedisThatDoNothing) {
  sources_.flags = {{"redis.reply_timeout_ms", "500", "--set"}};
  EXPECT_EQ(Complaint(), "redis.reply_timeout_ms does nothing without redis.url");
  sources_.flags = {{"redis.url", "redis://h", "--redis"}, {"redis.tls_verify", "false", "--set"}};
  EXPECT_EQ(Complaint(), "redis.tls_verify does nothing without TLS: write rediss:// in redis.url");
  sources_.flags = {{"redis.url", "rediss://h", "--redis"}, {"redis.tls_key_file", "k", "--set"}};
  EXPECT_EQ(Complaint(), "redis.tls_cert_file and redis.tls_key_file belong together");
  sources_.flags = {{"drain.notice_ms", "30000", "--set"}};
  EXPECT_NE(Complaint().find("drain.limit_s"), std::string::npos);
}

TEST_F(ConfigTest, RefusesNeighboursThatCannotBe) {
  const auto complaint = [this](const char* rules, bool redis = true) {
    sources_.flags = {{"neighbours.adapters", rules, "--set"}};
    if (redis) sources_.flags.push_back({"redis.url", "redis://h", "--redis"});
    return Complaint();
  };
  EXPECT_EQ(complaint("/chat=classic, /live=streams,/=python"), "accepted");
  EXPECT_EQ(complaint("/chat=classic", false),
            "neighbours.adapters needs redis.url, where the neighbours are");
  EXPECT_NE(complaint("/=streams").find("notifications use /"), std::string::npos);
  EXPECT_NE(complaint("chat=classic").find("/namespace=format"), std::string::npos);
  EXPECT_NE(complaint("/chat").find("/namespace=format"), std::string::npos);
  EXPECT_NE(complaint("/chat=morse").find("classic, streams or python"), std::string::npos);
  EXPECT_NE(complaint("/a=classic,/a=python").find("twice"), std::string::npos);
  sources_.flags = {{"neighbours.prefix", "x", "--set"}};
  EXPECT_EQ(Complaint(), "neighbours.prefix does nothing without neighbours.adapters");
}

TEST_F(ConfigTest, TurnsKeysIntoWhatTheBrokerIsGiven) {
  File(
      "[redis]\nurl = \"rediss://me:geheim@h:7000/3\"\nprefix = \"{a}:\"\n"
      "tls_ca_file = \"ca.pem\"\nreply_timeout_ms = 700\n[broker]\nexpiry_s = 600\n");
  const auto options = RedisOptionsOf(Loaded(), "tester");
  ASSERT_TRUE(options) << options.error().detail;
  EXPECT_EQ(options->link.target.password, "geheim");
  EXPECT_EQ(options->link.target.database, 3u);
  EXPECT_EQ(options->link.target.tls_ca_file, "ca.pem");
  EXPECT_EQ(options->link.name, "tester");
  EXPECT_EQ(options->link.reply_timeout, std::chrono::milliseconds(700));
  EXPECT_EQ(options->prefix, "{a}:");
  EXPECT_EQ(options->expiry, std::chrono::seconds(600));
  EXPECT_GT(options->max_incoming_bytes, 1'000'000u);
  EXPECT_EQ(RedisOptionsOf(
                [&] {
                  Config c = Loaded();
                  c.redis_prefix = "";
                  return c;
                }(),
                "x")
                ->prefix,
            std::nullopt);
}

TEST_F(ConfigTest, NeverShowsAPasswordOfRedis) {
  sources_.environment = {{"TRACKWIRE_REDIS_URL", "redis://me:geheim@h:7000/3"}};
  const Config config = Loaded();
  EXPECT_EQ(ExplainConfig(config).find("geheim"), std::string::npos);
  EXPECT_NE(ExplainConfig(config).find("h:7000"), std::string::npos);
  EXPECT_EQ(DescribeBroker(config).find("geheim"), std::string::npos);
}

TEST_F(ConfigTest, TheQueryOfAKeySetsAddressIsNotShown) {
  sources_.flags = {{"auth.jwks", "https://issuer.example/keys?code=geheim", "--set"}};
  const std::string text = ExplainConfig(Loaded());
  EXPECT_EQ(text.find("geheim"), std::string::npos);
  EXPECT_NE(text.find("https://issuer.example/keys?(not shown)"), std::string::npos);
  EXPECT_EQ(ShownJwksPlace("/etc/keys.json"), "/etc/keys.json");
}

TEST_F(ConfigTest, NoticesVariablesThatNameNoKey) {
  EXPECT_EQ(UnknownVariables({{"TRACKWIRE_LISTN", ""},
                              {"TRACKWIRE_LISTEN", ""},
                              {"TRACKWIRE_CONFIG", ""},
                              {"PATH", ""}}),
            std::vector<std::string>{"TRACKWIRE_LISTN"});
}

TEST_F(ConfigTest, NeverShowsASecret) {
  sources_.environment = {{"TRACKWIRE_AUTH_JWT_SECRET", "hush-hush-hush"}};
  const std::string text = ExplainConfig(Loaded());
  EXPECT_EQ(text.find("hush"), std::string::npos);
  EXPECT_NE(text.find("auth.jwt_secret = (set, not shown)  [TRACKWIRE_AUTH_JWT_SECRET]"),
            std::string::npos);
}

TEST(ConfigKeysTest, NamesVariablesByOneRule) {
  EXPECT_EQ(FindConfigKey("auth.jwt_secret")->VariableName(), "TRACKWIRE_AUTH_JWT_SECRET");
  EXPECT_EQ(FindConfigKey("listen")->VariableName(), "TRACKWIRE_LISTEN");
}

TEST(ConfigKeysTest, AcceptsEveryDefaultAsText) {
  const Config defaults;
  for (const ConfigKey& key : ConfigKeys()) {
    const std::string value = key.get(defaults);
    if (value.empty()) continue;
    Config config;
    EXPECT_EQ(key.set(config, RawValue{value, false}), std::nullopt) << key.name;
    EXPECT_EQ(key.get(config), value) << key.name;
    EXPECT_FALSE(key.help.empty()) << key.name;
  }
}

TEST(ConfigKeysTest, AreAllInTheDocuments) {
  std::ifstream file(std::string(TRACKWIRE_SOURCE_DIR) + "/docs/configuration.md");
  const std::string page((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  EXPECT_NE(page.find(ConfigReference()), std::string::npos)
      << "put the output of `trackwire check-config --markdown` into docs/configuration.md";
}

TEST(ConfigKeysTest, AreARowEachInTheTable) {
  std::istringstream lines(ConfigReference());
  for (std::string line; std::getline(lines, line);) {
    size_t bars = 0;
    for (size_t i = 0; i < line.size(); ++i) {
      bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\') ? 1 : 0;
    }
    EXPECT_EQ(bars, 6u) << line;
  }
}

struct HostPortCase {
  const char* text;
  const char* host;
  int port;
};

class HostPortTest : public ::testing::TestWithParam<HostPortCase> {};

TEST_P(HostPortTest, IsRead) {
  const auto parsed = ParseHostPort(GetParam().text);
  if (GetParam().host == nullptr) {
    EXPECT_FALSE(parsed) << GetParam().text;
    return;
  }
  ASSERT_TRUE(parsed) << GetParam().text;
  EXPECT_EQ(parsed->host, GetParam().host);
  EXPECT_EQ(parsed->port, GetParam().port);
}

INSTANTIATE_TEST_SUITE_P(
    Table, HostPortTest,
    ::testing::Values(HostPortCase{"127.0.0.1:0", "127.0.0.1", 0},
                      HostPortCase{"localhost:65535", "localhost", 65535},
                      HostPortCase{"[::1]:80", "::1", 80}, HostPortCase{":80", nullptr, 0},
                      HostPortCase{"host", nullptr, 0}, HostPortCase{"host:", nullptr, 0},
                      HostPortCase{"host:65536", nullptr, 0},
                      HostPortCase{"host:99999999999999999999", nullptr, 0},
                      HostPortCase{"host:-1", nullptr, 0}, HostPortCase{"host:8x", nullptr, 0},
                      HostPortCase{"::1:80", nullptr, 0}, HostPortCase{"[]:80", nullptr, 0}));

TEST(ConfigPathsTest, KeepsDurableFilesTogether) {
  Config config;
  config.database_url = "sqlite:///var/lib/trackwire/main.db";
  EXPECT_EQ(DatabasePath(config), "/var/lib/trackwire/main.db");
  EXPECT_EQ(JournalPath(config), "/var/lib/trackwire/main-journal.db");
  EXPECT_EQ(SecretPath(config), "/var/lib/trackwire/trackwire.secret");
  config.database_url = "sqlite:trackwire.db";
  EXPECT_EQ(DatabasePath(config), "trackwire.db");
  EXPECT_EQ(SecretPath(config), "trackwire.secret");
  config.database_url = "sqlite::memory:";
  EXPECT_EQ(JournalPath(config), ":memory:");
  EXPECT_EQ(SecretPath(config), "trackwire.secret");
  config.database_url = "postgresql://ada@db/tracks";
  EXPECT_EQ(DatabasePath(config), "");
  EXPECT_EQ(JournalPath(config), "trackwire-journal.db");
  EXPECT_EQ(SecretPath(config), "trackwire.secret");
  config.data_dir = "/var/lib/trackwire";
  EXPECT_EQ(JournalPath(config), "/var/lib/trackwire/trackwire-journal.db");
  EXPECT_EQ(SecretPath(config), "/var/lib/trackwire/trackwire.secret");
  config.data_dir = "/srv/";
  config.database_url = "sqlite:///var/lib/trackwire/main.db";
  EXPECT_EQ(JournalPath(config), "/srv/main-journal.db");
  EXPECT_EQ(SecretPath(config), "/srv/trackwire.secret");
}

TEST(ReplayColumnsTest, AreReadOrRefused) {
  const auto mapping =
      ParseReplayColumns({"id=vehicle_id", "time=ts", "latitude=lat", "longitude=lon", "speed=v",
                          "speed_unit=mps", "time_format=seconds"});
  ASSERT_TRUE(mapping) << mapping.error().detail;
  EXPECT_EQ(mapping->id.name, "vehicle_id");
  EXPECT_EQ(mapping->speed_unit, fetcher::SpeedUnit::kMetresPerSecond);
  EXPECT_EQ(mapping->time_format, fetcher::TimeFormat::kEpochSeconds);
  EXPECT_FALSE(ParseReplayColumns({"id=a", "time=b", "latitude=c"}));
  EXPECT_FALSE(ParseReplayColumns({"id=a", "time=b", "latitude=c", "longitude=d", "speed_unit=x"}));
  EXPECT_FALSE(ParseReplayColumns({"id=a", "time=b", "latitude=c", "longitude=d", "colour=red"}));
}

}  // namespace
}  // namespace trackwire::gateway
