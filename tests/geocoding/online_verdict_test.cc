#include "geocoding/online_verdict.h"

#include <gtest/gtest.h>

namespace trackwire::geocoding {
namespace {

const Place kAsked{50, 14, "en"};

OnlineOptions Options(OnlineKind kind = OnlineKind::kNominatim) {
  OnlineOptions options;
  options.name = "streets";
  options.kind = kind;
  options.url = "https://user:hunter22@geo.example/v1?key=pk.Secret9";
  options.email = "op@example.org";
  return options;
}
OnlineVerdict Answered(int status, const std::string& body,
                       OnlineKind kind = OnlineKind::kNominatim) {
  outbound::HttpAnswer answer;
  answer.status = status;
  answer.body = body;
  return Judge(Options(kind), kAsked, answer);
}

TEST(OnlineVerdictTest, KnowsWhatMayPass) {
  for (const int status : {408, 500, 502, 503, 504, 520}) {
    EXPECT_EQ(Answered(status, "").outcome, Outcome::kMayPass) << status;
  }
  for (const int status : {301, 302, 401, 402, 404, 410, 414}) {
    EXPECT_EQ(Answered(status, "").outcome, Outcome::kBroken) << status;
  }
  EXPECT_EQ(Answered(429, "").outcome, Outcome::kSlowDown);
  EXPECT_EQ(Answered(403, "").outcome, Outcome::kBanned);
  EXPECT_EQ(Answered(400, "").outcome, Outcome::kRefused);
  EXPECT_EQ(Answered(200, "").outcome, Outcome::kMayPass);
  EXPECT_EQ(Answered(200, "{}").outcome, Outcome::kBroken);
  EXPECT_EQ(Answered(204, "").outcome, Outcome::kMayPass);
}

TEST(OnlineVerdictTest, KnowsWhyThereIsNoAnswer) {
  const auto of = [](const char* code) {
    return Judge(Options(), kAsked, Err(code, "said")).outcome;
  };
  EXPECT_EQ(of("timeout"), Outcome::kMayPass);
  EXPECT_EQ(of("unreachable"), Outcome::kMayPass);
  EXPECT_EQ(of("too_large"), Outcome::kBroken);
  EXPECT_EQ(of("forbidden_address"), Outcome::kBroken);
  EXPECT_EQ(of("bad_url"), Outcome::kBroken);
}

TEST(OnlineVerdictTest, ANotFoundBehind404IsOne) {
  const std::string nothing = R"({"error":"Unable to geocode"})";
  EXPECT_EQ(Answered(404, nothing).outcome, Outcome::kNotFound);
  EXPECT_EQ(Answered(200, nothing).outcome, Outcome::kNotFound);
  EXPECT_EQ(Answered(404, nothing, OnlineKind::kPhoton).outcome, Outcome::kBroken);
  EXPECT_EQ(Answered(404, R"({"error":"no such route"})").outcome, Outcome::kBroken);
}

TEST(OnlineVerdictTest, OnlyPhotonIsParticularAboutLanguages) {
  const std::string body = R"({"message":"Language is not supported."})";
  EXPECT_EQ(Answered(400, body, OnlineKind::kPhoton).outcome, Outcome::kBadLanguage);
  EXPECT_EQ(Answered(400, body).outcome, Outcome::kRefused);
}

TEST(OnlineVerdictTest, TellsTheOperatorWhatTheServerSaid) {
  EXPECT_EQ(Answered(400, R"({"error":{"code":400,"message":"Parameter is not 51.5"}})").detail,
            "it answered 400: Parameter is not ##.#");
  EXPECT_EQ(Answered(400, R"({"message":"Unknown\nparameter"})").detail,
            "it answered 400: Unknown parameter");
  EXPECT_EQ(Answered(302, "").detail, "it answered 302, which is not followed");
  EXPECT_EQ(Answered(500, "<html>").detail, "it answered 500");
  const std::string endless = R"({"message":")" + std::string(10'000, 'x') + "\"}";
  EXPECT_LT(Answered(400, endless).detail.size(), 200u);
}

TEST(OnlineVerdictTest, RepeatsNoSecretThatTheServerSaid) {
  for (const char* said : {"Invalid key PK.SECRET9", "who is op@example.org", "not hunter22!"}) {
    EXPECT_EQ(Answered(401, R"({"error":")" + std::string(said) + "\"}").detail, "it answered 401");
  }
}

TEST(OnlineVerdictTest, RepeatsNoSecretInAnotherSpelling) {
  OnlineOptions options = Options();
  options.url = "https://geo.example/v1?key=a%2Fb%2Fcd";
  for (const char* said : {"100% bad: /reverse?email=op%40example.org", "unknown key a/b/cd",
                           "unknown key A%2fB%2fCD"}) {
    outbound::HttpAnswer answer;
    answer.status = 401;
    answer.body = R"({"error":")" + std::string(said) + "\"}";
    EXPECT_EQ(Judge(options, kAsked, answer).detail, "it answered 401") << said;
  }
}

TEST(OnlineVerdictTest, CitiesAreWide) {
  OnlineOptions options = Options();
  options.max_distance_m = 800;
  EXPECT_EQ(FarthestM(options), 800);
  options.detail = Detail::kCity;
  EXPECT_EQ(FarthestM(options), 25'000);
  options.max_distance_m = 40'000;
  EXPECT_EQ(FarthestM(options), 40'000);
}

TEST(OnlineVerdictTest, AsksWithinBounds) {
  OnlineOptions options = Options();
  options.timeout = std::chrono::milliseconds(1'234);
  const auto request = OnlineRequest(options, kAsked, "en");
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.timeout, options.timeout);
  EXPECT_EQ(request.max_bytes, 256u * 1'024);
  EXPECT_FALSE(request.allow_private);
  options.allow_private = true;
  EXPECT_TRUE(OnlineRequest(options, kAsked, "en").allow_private);
}

}  // namespace
}  // namespace trackwire::geocoding
