#include "cli/arguments.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/json_scanner.h"
#include "cli/commands.h"
#include "cli/envelope_batch.h"

namespace trackwire::cli {
namespace {

Parsed Parse(std::vector<const char*> words) {
  words.insert(words.begin(), "trackwire");
  return ParseArguments(static_cast<int>(words.size()), words.data());
}

TEST(ArgumentsTest, TurnFlagsIntoConfiguration) {
  const Parsed parsed = Parse(
      {"serve", "--listen", "0.0.0.0:1", "--threads", "2", "--set", "log.level=debug", "--demo"});
  ASSERT_TRUE(parsed.arguments) << parsed.message;
  EXPECT_EQ(parsed.arguments->command, Command::kServe);
  EXPECT_TRUE(parsed.arguments->demo);
  const auto config = gateway::LoadConfig(parsed.arguments->sources);
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_EQ(config->listen, "0.0.0.0:1");
  EXPECT_EQ(config->threads, 2);
  EXPECT_EQ(config->log_level, "debug");
}

TEST(ArgumentsTest, SayWhatToDoWithWhichUser) {
  const Parsed set = Parse({"user", "set", "ada", "--client", "7", "--client", "acme", "--no-roles",
                            "--database", "sqlite:x.db"});
  ASSERT_TRUE(set.arguments) << set.message;
  EXPECT_EQ(set.arguments->command, Command::kUser);
  EXPECT_EQ(set.arguments->verb, "set");
  EXPECT_EQ(set.arguments->name, "ada");
  EXPECT_EQ(set.arguments->clients, (std::vector<std::string>{"7", "acme"}));
  EXPECT_TRUE(set.arguments->no_roles);
  EXPECT_FALSE(set.arguments->no_clients);
  EXPECT_EQ(gateway::LoadConfig(set.arguments->sources)->database_url, "sqlite:x.db");
  EXPECT_TRUE(Parse({"user", "list", "--json"}).arguments->json);
  for (const std::vector<const char*>& wrong : std::vector<std::vector<const char*>>{
           {"user"}, {"user", "add"}, {"user", "list", "ada"}, {"user", "disable", "ada", "--role", "x"},
           {"user", "add", "ada", "--password", "secret"}, {"user", "passwd", "ada", "secret"}}) {
    EXPECT_EQ(Parse(wrong).exit_code, kWrongUsage) << wrong.back();
  }
}

TEST(ArgumentsTest, LetTheDropInPresetBeOverruled) {
  const Parsed parsed = Parse({"serve", "--drop-in", "--set", "visibility.unknown_trackers=admin"});
  ASSERT_TRUE(parsed.arguments);
  const auto config = gateway::LoadConfig(parsed.arguments->sources);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->visibility_unknown_trackers, "admin");
  EXPECT_FALSE(config->cors_origins.empty());
  EXPECT_TRUE(config->visibility_hidden_from.empty());
  EXPECT_FALSE(config->visibility_hidden_fields.empty()) << "secrets stay secrets";
}

TEST(ArgumentsTest, KeepLaterCommandsApart) {
  const Parsed parsed = Parse({"token", "--sub", "a", "--role", "user", "--role", "admin",
                               "--client", "x", "--client", "7"});
  ASSERT_TRUE(parsed.arguments) << parsed.message;
  EXPECT_EQ(parsed.arguments->roles, (std::vector<std::string>{"user", "admin"}));
  EXPECT_EQ(parsed.arguments->clients, (std::vector<std::string>{"x", "7"}));
}

TEST(ArgumentsTest, AnswerWrongUsageWithTheCodeForIt) {
  for (const auto& words : std::vector<std::vector<const char*>>{
           {}, {"sing"}, {"serve", "x"}, {"token"}, {"serve", "--set", "novalue"}, {"replay"},
           {"serve", "--redis", ""}, {"fetch", "--redis="}}) {
    const Parsed parsed = Parse(words);
    EXPECT_FALSE(parsed.arguments);
    EXPECT_EQ(parsed.exit_code, kWrongUsage);
    EXPECT_FALSE(parsed.message.empty());
  }
  const Parsed help = Parse({"serve", "--help"});
  EXPECT_EQ(help.exit_code, kFine);
  EXPECT_NE(help.message.find("--listen"), std::string::npos);
}

TEST(DurationTest, IsReadWithItsUnit) {
  using std::chrono::seconds;
  EXPECT_EQ(ParseDuration("90"), seconds(90));
  EXPECT_EQ(ParseDuration("90s"), seconds(90));
  EXPECT_EQ(ParseDuration("30m"), seconds(1'800));
  EXPECT_EQ(ParseDuration("24h"), seconds(86'400));
  EXPECT_EQ(ParseDuration("30d"), seconds(2'592'000));
  for (const char* bad :
       {"", "s", "0", "-1", "1.5h", "1w", "1hh", "99999999999999999999", "4000d"}) {
    EXPECT_EQ(ParseDuration(bad), std::nullopt) << bad;
  }
}

TEST(ClientIdTest, KeepsItsType) {
  EXPECT_EQ(ParseClientId("acme"), "\"acme\"");
  EXPECT_EQ(ParseClientId("7"), "7");
  EXPECT_EQ(ParseClientId("\"7\""), "\"7\"");
  EXPECT_EQ(ParseClientId("true"), "\"true\"");
  EXPECT_EQ(ParseClientId("1.5"), std::nullopt);
  EXPECT_EQ(ParseClientId(""), std::nullopt);
  EXPECT_EQ(ParseClientId(std::string(129, 'x')), std::nullopt);
}

class JsonTextsTest : public ::testing::Test {
 protected:
  std::string Read(const std::string& input) {
    std::istringstream stream(input);
    std::string out;
    auto done = ReadJsonTexts(stream, [&](std::string text) {
      out += "<" + text + ">";
      return true;
    });
    return done ? out : out + "!" + done.error().detail.substr(0, 6);
  }
};

TEST_F(JsonTextsTest, TakesOneALineOrOverSeveral) {
  EXPECT_EQ(Read(""), "");
  EXPECT_EQ(Read("{}\n\n [1] \n"), "<{}><[1]>");
  EXPECT_EQ(Read("{\n\"a\":\n1}\n{}"), "<{\n\"a\":\n1}><{}>");
}

TEST_F(JsonTextsTest, NamesTheLineOfWhatIsWrong) {
  EXPECT_EQ(Read("{}\n{x}\n"), "<{}>!line 2");
  EXPECT_EQ(Read("{}\n\n{\n\n"), "<{}>!line 3");
  EXPECT_EQ(Read("{} {}\n"), "!line 1");
}

TEST(ArgumentsTest, GeocodeTakesAPointOrAFile) {
  const Parsed south = Parse({"geocode", "-33.92", "-18.42", "--json"});
  ASSERT_TRUE(south.arguments) << south.message;
  EXPECT_EQ(south.arguments->command, Command::kGeocode);
  EXPECT_EQ(south.arguments->point, (std::vector<double>{-33.92, -18.42}));
  const Parsed file = Parse({"geocode", "--csv", "points.csv", "--mistakes", "--index", "x.bin"});
  ASSERT_TRUE(file.arguments) << file.message;
  EXPECT_EQ(file.arguments->file, "points.csv");
  EXPECT_EQ(file.arguments->index, "x.bin");
  for (const std::vector<const char*>& wrong :
       {std::vector<const char*>{"geocode"}, {"geocode", "1"}, {"geocode", "a", "b"},
        {"geocode", "1", "2", "3"}, {"geocode", "1", "2", "--csv", "x"},
        {"geocode", "1", "2", "--mistakes"}}) {
    EXPECT_EQ(Parse(wrong).exit_code, kWrongUsage);
  }
}

}  // namespace
}  // namespace trackwire::cli
