#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "gateway/geocoding_config_keys.h"
#include "gateway/version.h"
#include "tests/support/temp_dir.h"

namespace trackwire::gateway {
namespace {

constexpr const char* kOffice =
    "[[geocoders]]\nname = \"office\"\nkind = \"nominatim\"\nurl = \"https://geo.example/api\"\n";

class GeocoderConfigTest : public ::testing::Test {
 protected:
  Result<Config> Load(const std::string& text) {
    const std::string path = directory_.File("t.toml");
    std::ofstream(path) << text;
    ConfigSources sources;
    sources.file = path;
    return LoadConfig(sources);
  }
  /// What is wrong with it, behind the file's name.
  std::string Refusal(const std::string& text) {
    auto config = Load(text);
    if (config) return "accepted";
    EXPECT_EQ(config.error().code, "bad_config");
    const size_t colon = config.error().detail.find(".toml:");
    return colon == std::string::npos ? config.error().detail
                                      : config.error().detail.substr(colon + 6);
  }

  test::TempDir directory_;
};

TEST_F(GeocoderConfigTest, AsksTheOfflineIndexAloneUnlessToldOtherwise) {
  auto config = Load("");
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_TRUE(WantsOfflineIndex(*config));
  EXPECT_TRUE(OnlineGeocodersOf(*config).empty());
  const auto options = DeskOptionsOf(*config);
  EXPECT_EQ(options.chain, "offline");
  EXPECT_EQ(options.decimals, 4);
  EXPECT_EQ(options.ttl, std::chrono::hours(720));
  EXPECT_EQ(GeocodingHttpOptionsOf(*config).user_agent, std::string("trackwire/") + Version());
}

TEST_F(GeocoderConfigTest, ReadsServersAndTheirOrder) {
  auto config = Load(
      "[geocoding]\nproviders = [\"photon:lab\", \"office\"]\ndetail = \"street\"\n"
      "provisional = false\nlanguage = \"pt-BR\"\nuser_agent = \"bus map\"\n" +
      std::string(kOffice) +
      "email = \"who@example.org\"\nrequests_per_second = 0.5\ntimeout_s = 2.5\n"
      "[[geocoders]]\nname = \"photon:lab\"\nkind = \"photon\"\nurl = \"http://10.0.0.7:2322\"\n"
      "allow_private = true\nmax_distance_m = 250\n");
  ASSERT_TRUE(config) << config.error().detail;
  const auto in_order = OnlineGeocodersOf(*config);
  ASSERT_EQ(in_order.size(), 2u);
  const auto lab = OnlineOptionsOf(*config, *in_order[0]);
  EXPECT_EQ(lab.name, "photon:lab");
  EXPECT_EQ(lab.kind, geocoding::OnlineKind::kPhoton);
  EXPECT_EQ(lab.detail, geocoding::Detail::kStreet);
  EXPECT_EQ(lab.max_distance_m, 250);
  EXPECT_TRUE(lab.allow_private);
  const auto office = OnlineOptionsOf(*config, *in_order[1]);
  EXPECT_EQ(office.kind, geocoding::OnlineKind::kNominatim);
  EXPECT_EQ(office.timeout, std::chrono::milliseconds(2'500));
  EXPECT_EQ(office.requests_per_second, 0.5);
  EXPECT_EQ(office.email, "who@example.org");
  const auto desk = DeskOptionsOf(*config);
  EXPECT_EQ(desk.chain, "photon:lab+office");
  EXPECT_EQ(desk.decimals, 3);
  EXPECT_EQ(desk.language, "pt-BR");
  EXPECT_FALSE(WantsOfflineIndex(*config));
  EXPECT_EQ(GeocodingHttpOptionsOf(*config).user_agent, "bus map");
}

TEST_F(GeocoderConfigTest, HasAConnectionForEveryRequestAtATime) {
  auto config = Load("[geocoding]\nproviders = [\"office\", \"lab\"]\n" + std::string(kOffice) +
                     "concurrency = 64\n[[geocoders]]\nname = \"lab\"\nkind = \"photon\"\n"
                     "url = \"https://geo.example\"\nconcurrency = 20\n");
  ASSERT_TRUE(config) << config.error().detail;
  const auto options = GeocodingHttpOptionsOf(*config);
  EXPECT_EQ(options.max_connections, 84u);
  EXPECT_EQ(options.max_per_host, 84u);
}

TEST_F(GeocoderConfigTest, ShowsNeitherEmailAddressesNorKeys) {
  auto config = Load(std::string(kOffice) +
                     "email = \"who@example.org\"\n"
                     "[[geocoders]]\nname = \"keyed\"\nkind = \"photon\"\n"
                     "url = \"https://me:mellon@geo.example/?key=sesame\"\n");
  ASSERT_TRUE(config) << config.error().detail;
  const std::string shown = ExplainConfig(*config);
  for (const char* secret : {"who@example.org", "sesame", "mellon"}) {
    EXPECT_EQ(shown.find(secret), std::string::npos) << secret;
  }
  EXPECT_NE(shown.find("email = (set, not shown)"), std::string::npos);
  EXPECT_NE(shown.find("url = https://geo.example"), std::string::npos);
}

TEST_F(GeocoderConfigTest, NamesLineAndKeyOfWhatIsWrong) {
  const std::string head = kOffice;
  EXPECT_EQ(Refusal(head + "speed = 3\n"), "5: there is no key geocoders.speed");
  EXPECT_EQ(Refusal(head + "timeout_s = 0\n"),
            "5: geocoders.timeout_s: must be a number of 0.05 to 60");
  EXPECT_EQ(Refusal(head + "retries = \"2\"\n"),
            "5: geocoders.retries: must be a whole number of 0 to 10");
  EXPECT_EQ(Refusal(head + "email = \"nobody\"\n"), "5: geocoders.email: is no e-mail address");
  EXPECT_EQ(Refusal(head + head), "5: geocoders.name: there are two of office");
  EXPECT_EQ(Refusal("geocoders = 3\n"), "1: geocoders: must be tables, each [[geocoders]]");
  const auto with_url = [](const std::string& url) {
    return "[[geocoders]]\nname = \"a\"\nkind = \"photon\"\nurl = \"" + url + "\"\n";
  };
  EXPECT_EQ(Refusal(with_url("https://e.org/reverse")),
            "4: geocoders.url: leave out /reverse, which is added");
  EXPECT_EQ(Refusal(with_url("https://e.org/reverse?key=k")),
            "4: geocoders.url: leave out /reverse, which is added");
  EXPECT_EQ(Refusal(with_url("https://e.org/?key=k")), "accepted");
  EXPECT_EQ(Refusal(with_url("")), "4: geocoders.url: a needs one");
  EXPECT_EQ(Refusal(with_url("e.org")).substr(0, 17), "4: geocoders.url:");
}

TEST_F(GeocoderConfigTest, NamesMustBeKnown) {
  EXPECT_NE(Refusal("[geocoding]\nproviders = [\"offlien\"]\n").find("geocoding.providers"),
            std::string::npos);
  EXPECT_NE(Refusal("[geocoding]\nproviders = []\n").find("geocoding.providers"),
            std::string::npos);
  EXPECT_NE(Refusal("[geocoding]\nproviders = [\"offline\", \"offline\"]\n").find("twice"),
            std::string::npos);
}

TEST_F(GeocoderConfigTest, KeepsToThePolicyOfThePublicServer) {
  const auto with = [](const std::string& geocoding, const std::string& more,
                       const std::string& url = "https://nominatim.openstreetmap.org") {
    return "[geocoding]\nproviders = [\"osm\"]\n" + geocoding +
           "[[geocoders]]\nname = \"osm\"\nkind = \"nominatim\"\nurl = \"" + url + "\"\n" + more;
  };
  EXPECT_EQ(Refusal(with("", "")), "accepted");
  const std::string twin =
      "[[geocoders]]\nname = \"osm2\"\nkind = \"nominatim\"\n"
      "url = \"https://nominatim.openstreetmap.org/\"\n";
  EXPECT_EQ(Refusal(with("", twin)), "accepted");  // it is not asked
  EXPECT_EQ(Refusal("[geocoding]\nproviders = [\"osm\", \"osm2\"]\n" +
                    with("", twin).substr(with("", twin).find("[[geocoders]]"))),
            "10: geocoders.url: osm asks nominatim.openstreetmap.org already, and what its policy "
            "allows is allowed once");
  EXPECT_NE(Refusal(with("", "requests_per_second = 1.5\n")).find("one a second"),
            std::string::npos);
  EXPECT_NE(Refusal(with("", "requests_per_second = 0\n")).find("one a second"), std::string::npos);
  EXPECT_NE(Refusal(with("", "concurrency = 2\n")).find("one at a time"), std::string::npos);
  EXPECT_NE(Refusal(with("on_stop = true\n", "")).find("geocoding.on_stop"), std::string::npos);
  EXPECT_NE(Refusal(with("on_stop = true\n", "", "http://u:p@NOMINATIM.openstreetmap.org.:80/x"))
                .find("geocoding.on_stop"),
            std::string::npos);
  EXPECT_EQ(Refusal(with("on_stop = true\n", "", "https://nominatim.openstreetmap.org.example")),
            "accepted");
  EXPECT_NE(Refusal("[geocoding]\non_stop = true\n").find("does nothing"), std::string::npos);
}

TEST_F(GeocoderConfigTest, TheDocumentsHaveTheTableOfTheKeys) {
  std::ifstream file(std::string(TRACKWIRE_SOURCE_DIR) + "/docs/configuration.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  EXPECT_NE(page.find(GeocoderReference()), std::string::npos)
      << "put the output of `trackwire check-config --markdown` into docs/configuration.md";
}

}  // namespace
}  // namespace trackwire::gateway
