#include "gateway/provider_options.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "tests/support/temp_dir.h"

namespace trackwire::gateway {
namespace {

class ProviderConfigTest : public ::testing::Test {
 protected:
  Result<Config> Load(const std::string& text) {
    const std::string path = directory_.File("t.toml");
    std::ofstream(path) << text;
    ConfigSources sources;
    sources.file = path;
    return LoadConfig(sources);
  }
  std::string Refusal(const std::string& text) {
    auto config = Load(text);
    if (config) return "accepted";
    EXPECT_EQ(config.error().code, "bad_config");
    const size_t colon = config.error().detail.find(".toml:");
    EXPECT_NE(colon, std::string::npos) << config.error().detail;
    return colon == std::string::npos ? config.error().detail
                                      : config.error().detail.substr(colon + 6);
  }

  test::TempDir directory_;
};

constexpr const char* kTraccar =
    "[[providers]]\nname = \"traccar:office\"\nkind = \"traccar\"\n"
    "url = \"https://traccar.example\"\ntoken = \"sesame\"\n";

TEST_F(ProviderConfigTest, ReadsWhatIsSetAndShowsNoSecrets) {
  auto config = Load(std::string(kTraccar) +
                     "interval_s = 7.5\nregister = true\nclient = 4\npublic = true\n"
                     "[[providers]]\nname = \"json\"\nkind = \"http-json\"\n"
                     "url = \"https://example.org/v?key=k\"\npreset = \"readsb\"\n"
                     "headers = { X-Key = \"open\" }\nunknown = [\"-1\"]\n"
                     "[providers.fields]\nspeed = \"/v\"\nspeed_unit = \"km/h\"\n"
                     "attributes = { line = \"/route\" }\n");
  ASSERT_TRUE(config) << config.error().detail;
  ASSERT_EQ(config->providers.size(), 2u);
  const auto runner = RunnerOptionsOf(config->providers[0]);
  EXPECT_EQ(runner.provider, "traccar:office");
  EXPECT_EQ(runner.interval, std::chrono::milliseconds(7'500));
  EXPECT_EQ(runner.client, tracking::Id(int64_t{4}));
  EXPECT_TRUE(runner.register_unknown);
  const auto json = ConnectorOptionsOf(config->providers[1], "", Clock::System());
  ASSERT_TRUE(json) << json.error().detail;
  const auto& options = std::get<fetcher::HttpJsonOptions>(json->kind);
  EXPECT_EQ(options.mapping.speed, "/v");
  EXPECT_EQ(options.mapping.speed_unit, formats::SpeedUnit::kKilometresPerHour);
  EXPECT_FALSE(options.mapping.latitude.empty()) << "of the preset";
  const std::string shown = ExplainConfig(*config);
  EXPECT_NE(shown.find("interval_s = 7.5"), std::string::npos);
  for (const char* secret : {"sesame", "key=k", "\"open\"", "= open"}) {
    EXPECT_EQ(shown.find(secret), std::string::npos) << secret;
  }
}

TEST_F(ProviderConfigTest, NamesLineAndKeyOfWhatIsWrong) {
  const std::string head = kTraccar;
  EXPECT_EQ(Refusal(head + "intervall = 3\n"), "6: there is no key providers.intervall");
  EXPECT_EQ(Refusal(head + "interval_s = 0\n"),
            "6: providers.interval_s: must be a number of 0.1 to 86400");
  EXPECT_EQ(Refusal(head + "concurrency = \"4\"\n"),
            "6: providers.concurrency: must be a whole number of 1 to 64");
  EXPECT_EQ(Refusal(head + "preset = \"readsb\"\n"),
            "6: providers.preset: does nothing with kind \"traccar\"");
  EXPECT_EQ(Refusal(head + "category = \"bus\"\n"),
            "6: providers.category: does nothing without register");
  EXPECT_EQ(Refusal(head + "token_env = \"T\"\n"),
            "1: providers.token: only one of token, token_env and token_file counts");
  EXPECT_EQ(Refusal(head + head), "6: providers.name: there are two of traccar:office");
  EXPECT_EQ(Refusal("[[providers]]\nkind = \"carrier pigeon\"\n").substr(0, 17),
            "1: providers.kind");
  EXPECT_EQ(Refusal("[[providers]]\nname = \"push\"\nkind = \"replay\"\nfile = \"x\"\n")
                .substr(0, 17),
            "1: providers.name");
  EXPECT_EQ(Refusal("providers = 3\n").substr(0, 12), "1: providers");
  EXPECT_NE(Refusal("[[providers]]\nname = \"j\"\nkind = \"http-json\"\nurl = \"https://e.org\"\n"
                    "[providers.fields]\nlatitudo = \"/x\"\n")
                .find("fields.latitudo: there is no such field"),
            std::string::npos);
}

TEST_F(ProviderConfigTest, TakesTokensFromTheEnvironmentAndFromFiles) {
  ProviderConfig provider;
  provider.kind = "traccar";
  provider.token_env = "TRACKWIRE_TEST_TOKEN_THAT_IS_NOT_SET";
  EXPECT_EQ(TokenOf(provider).error().code, "bad_config");
  provider.token_env.clear();
  provider.token_file = directory_.File("token");
  EXPECT_EQ(TokenOf(provider).error().code, "bad_config");
  std::ofstream(provider.token_file) << "sesame\n";
  EXPECT_EQ(*TokenOf(provider), "sesame");
}

TEST_F(ProviderConfigTest, TheDocumentsHaveTheTableOfTheKeys) {
  std::ifstream file(std::string(TRACKWIRE_SOURCE_DIR) + "/docs/configuration.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  EXPECT_NE(page.find(ProviderReference()), std::string::npos)
      << "put the output of `trackwire check-config --markdown` into docs/configuration.md";
}

TEST_F(ProviderConfigTest, LetsARecordingBeAProvider) {
  auto config = Load("[[providers]]\nname = \"ships\"\nkind = \"replay\"\nfile = \"a.csv\"\n"
                     "speed = 4\npublic = true\n");
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_EQ(config->providers[0].name, "replay:ships");
  const auto options = ReplayOptionsOf(config->providers[0]);
  ASSERT_TRUE(options);
  EXPECT_EQ(options->instance, "ships");
  EXPECT_EQ(options->speed, 4);
  EXPECT_TRUE(options->is_public);
}

}  // namespace
}  // namespace trackwire::gateway
