#include "net/http/negotiation.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trackwire::net::http {
namespace {

Headers With(const char* name, const std::vector<std::string>& values) {
  Headers headers;
  for (const std::string& value : values) headers.Add(name, value);
  return headers;
}

TEST(ChooseCodingTest, GoesByTheWeights) {
  struct Case {
    const char* value;
    Coding chosen;
  };
  const Case cases[] = {
      {"gzip", Coding::kGzip},
      {"GZip", Coding::kGzip},
      {"x-gzip", Coding::kGzip},
      {"deflate", Coding::kDeflate},
      {"deflate, gzip", Coding::kGzip},
      {"gzip;q=0.4, deflate;q=0.5", Coding::kDeflate},
      {"gzip; q=0.001", Coding::kGzip},
      {"gzip ;\tQ=1.000", Coding::kGzip},
      {"gzip;q=0", Coding::kIdentity},
      {"gzip;q=0.000", Coding::kIdentity},
      {"gzip;q=0, *", Coding::kDeflate},
      {"*", Coding::kGzip},
      {"*;q=0.1", Coding::kGzip},
      {"*;q=0", Coding::kIdentity},
      {"deflate, *;q=0", Coding::kDeflate},
      {"identity", Coding::kIdentity},
      {"identity;q=0.6, gzip;q=0.5", Coding::kIdentity},
      {"identity;q=0.5, gzip;q=0.5", Coding::kGzip},
      {"gzip, identity", Coding::kGzip},
      {"identity;q=0", Coding::kIdentity},
      {"br, zstd", Coding::kIdentity},
      {"xgzip, gzipx", Coding::kIdentity},
      {"", Coding::kIdentity},
      {" , ,", Coding::kIdentity},
      {",gzip,,", Coding::kGzip},
      {"gzip;level=9", Coding::kGzip},
      {"gzip;level=9;q=0", Coding::kIdentity},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.value);
    const Headers headers = With("accept-encoding", {c.value});
    EXPECT_EQ(ChooseCoding(headers, {Coding::kGzip, Coding::kDeflate}), c.chosen);
  }
  EXPECT_EQ(ChooseCoding({}, {Coding::kGzip, Coding::kDeflate}), Coding::kIdentity);
}

TEST(ChooseCodingTest, TakesWeightsThatAreNoneForARefusal) {
  for (const char* weight : {"", "2", "1.1", "-1", ".5", "0,5", "0.5x", "0.0001", "1000", "nan"}) {
    SCOPED_TRACE(weight);
    const Headers headers = With("Accept-Encoding", {std::string("gzip;q=") + weight});
    EXPECT_FALSE(TakesGzip(headers));
  }
}

TEST(ChooseCodingTest, ReadsSeveralFieldsAsOneList) {
  EXPECT_TRUE(TakesGzip(With("Accept-Encoding", {"br", "gzip"})));
  EXPECT_FALSE(TakesGzip(With("Accept-Encoding", {"gzip;q=0", "*"})));
}

TEST(ChooseCodingTest, OffersOnlyWhatThereIs) {
  const Headers headers = With("Accept-Encoding", {"deflate, gzip;q=0.1"});
  EXPECT_EQ(ChooseCoding(headers, {Coding::kGzip}), Coding::kGzip);
  EXPECT_EQ(ChooseCoding(headers, {Coding::kDeflate}), Coding::kDeflate);
  EXPECT_EQ(ChooseCoding(headers, {}), Coding::kIdentity);
}

TEST(AddVaryTest, KeepsWhatIsThereInOneField) {
  Headers headers;
  AddVary(headers, "Accept-Encoding");
  EXPECT_EQ(headers.Find("Vary"), "Accept-Encoding");
  AddVary(headers, "accept-encoding");
  EXPECT_EQ(headers.Find("Vary"), "Accept-Encoding");

  headers = With("Vary", {"Origin", "Authorization, Cookie"});
  AddVary(headers, "Accept-Encoding");
  EXPECT_EQ(headers.Find("Vary"), "Origin, Authorization, Cookie, Accept-Encoding");
  EXPECT_EQ(headers.Count("Vary"), 1u);

  headers = With("Vary", {"*"});
  AddVary(headers, "Accept-Encoding");
  EXPECT_EQ(headers.Find("Vary"), "*");
}

TEST(MatchesEtagTest, ComparesWeakly) {
  struct Case {
    const char* value;
    bool matches;
  };
  const Case cases[] = {
      {"\"4.8\"", true},           {"W/\"4.8\"", true}, {"\"1\", \"4.8\"", true},
      {"\"1\",W/\"4.8\" ", true},  {"*", true},         {"\"4.8.1\"", false},
      {"4.8", false},              {"", false},         {"w/\"4.8\"", false},
      {"\"1\", W/\"4.9\"", false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.value);
    const Headers headers = With("If-None-Match", {c.value});
    EXPECT_EQ(MatchesEtag(headers, "\"4.8\""), c.matches);
    EXPECT_EQ(MatchesEtag(headers, "W/\"4.8\""), c.matches);
  }
  EXPECT_FALSE(MatchesEtag({}, "\"4.8\""));
}

}  // namespace
}  // namespace trackwire::net::http
