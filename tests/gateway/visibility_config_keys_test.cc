#include "gateway/visibility_config_keys.h"

#include <gtest/gtest.h>

namespace trackwire::gateway {
namespace {

Result<Config> With(const std::string& key, const std::string& value) {
  ConfigSources sources;
  sources.flags = {{key, value, "--set"}};
  return LoadConfig(sources);
}

Config Fine(const std::string& key, const std::string& value) {
  auto config = With(key, value);
  EXPECT_TRUE(config) << config.error().detail;
  return config ? *config : Config();
}

/// What somebody with a role sees of an object.
std::string Seen(const Config& config, const std::string& role, const std::string& json) {
  auth::Identity who;
  who.authenticated = !role.empty();
  if (!role.empty()) who.roles = {role};
  const notify::Views views = ViewsOf(config);
  return views.Filter(views.Of(who), json);
}

const char* const kObject = R"({"imei":1,"driver":2,"vin":3,"n":4})";

TEST(VisibilityConfigKeysTest, HideWhatIsSensitiveByDefault) {
  const Config config;
  EXPECT_EQ(Seen(config, "", kObject), R"({"n":4})");
  EXPECT_EQ(Seen(config, "user", kObject), R"({"driver":2,"vin":3,"n":4})");
  EXPECT_EQ(Seen(config, "admin", kObject), R"({"driver":2,"vin":3,"n":4})");
  for (const char* name : {"providerKey", "Phone", "phone_number", "password", "api_key", "apikey",
                           "access_token", "credentials", "Authorization", "external_id"}) {
    EXPECT_EQ(Seen(config, "admin", std::string("{\"") + name + "\":1}"), "{}") << name;
  }
}

TEST(VisibilityConfigKeysTest, ReplaceTheDefaultsOrAddToThem) {
  const Config replaced = Fine("visibility.hidden_fields", "vin");
  EXPECT_EQ(Seen(replaced, "admin", kObject), R"({"imei":1,"driver":2,"n":4})");
  const Config added = Fine("visibility.hidden_fields", "+vin");
  EXPECT_EQ(Seen(added, "admin", kObject), R"({"driver":2,"n":4})");
  const Config emptied = Fine("visibility.hidden_fields", "");
  EXPECT_EQ(Seen(emptied, "admin", kObject), kObject);
  const Config some = Fine("visibility.hidden_from", "user=n");
  EXPECT_EQ(Seen(some, "", kObject), R"({"driver":2,"vin":3,"n":4})");
  EXPECT_EQ(Seen(some, "user", kObject), R"({"driver":2,"vin":3})");
  const Config more = Fine("visibility.hidden_from", "+user=n, +anonymous=n");
  EXPECT_EQ(Seen(more, "", kObject), "{}");
  EXPECT_EQ(Seen(more, "user", kObject), R"({"driver":2,"vin":3})");
}

TEST(VisibilityConfigKeysTest, NameTheKeyOfAMistake) {
  const std::pair<const char*, const char*> cases[] = {
      {"visibility.hidden_fields", "-"},
      {"visibility.hidden_fields", "+a,b"},
      {"visibility.hidden_from", "driver"},
      {"visibility.hidden_from", "user=_"},
      {"visibility.hidden_from", "+user=a,user=b"},
      {"visibility.unknown_trackers", "everybody"},
  };
  for (const auto& [key, value] : cases) {
    const auto config = With(key, value);
    ASSERT_FALSE(config) << value;
    EXPECT_EQ(config.error().code, "bad_config");
    EXPECT_EQ(config.error().detail.rfind(std::string("--set: ") + key + ": ", 0), 0u)
        << config.error().detail;
  }
}

}  // namespace
}  // namespace trackwire::gateway
