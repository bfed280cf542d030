#include "notify/geocoding_event.h"

#include <gtest/gtest.h>

namespace trackwire::notify {
namespace {

TEST(GeocodingQuestionTest, ReadsWhatClientsSend) {
  const auto question = ReadGeocodingQuestion(
      R"([{"latitude":52.5186789,"longitude":-1.3e1,"request_id":"\u00e4","language":"de"}])");
  ASSERT_FALSE(question.error) << question.error->message;
  EXPECT_EQ(question.latitude, 52.5186789);
  EXPECT_EQ(question.longitude, -13);
  EXPECT_EQ(question.request_id, "ä");
  EXPECT_EQ(question.language, "de");
}

TEST(GeocodingQuestionTest, NeedsNoMoreThanAPlace) {
  const auto question = ReadGeocodingQuestion(
      R"([{"longitude":0,"latitude":0,"request_id":null,"language":null,"more":[1]},7])");
  ASSERT_FALSE(question.error) << question.error->message;
  EXPECT_FALSE(question.request_id);
  EXPECT_TRUE(question.language.empty());
}

TEST(GeocodingQuestionTest, KeepsWhatCouldBeReadOfABadOne) {
  const auto question =
      ReadGeocodingQuestion(R"([{"latitude":"52","longitude":13,"request_id":"a"}])");
  ASSERT_TRUE(question.error);
  EXPECT_EQ(question.error->code, "invalid_request");
  EXPECT_EQ(question.request_id, "a");
  EXPECT_EQ(question.longitude, 13);
  EXPECT_FALSE(question.latitude);
}

TEST(GeocodingQuestionTest, RefusesWhatIsNone) {
  const std::string longest(64, 'x');
  const auto with_id = [](const std::string& id) {
    return R"([{"latitude":1,"longitude":2,"request_id":)" + id + "}]";
  };
  EXPECT_FALSE(ReadGeocodingQuestion(with_id("\"" + longest + "\"")).error);
  for (const std::string& args :
       {std::string(), std::string("[]"), std::string("[null]"), std::string("[\"52,13\"]"),
        std::string("{}"), std::string("[[52,13]]"), std::string("[{}]"),
        std::string(R"([{"latitude":1}])"), std::string(R"([{"latitude":true,"longitude":1}])"),
        // A number that no double holds.
        std::string(R"([{"latitude":1e999,"longitude":1}])"),
        std::string(R"([{"latitude":1,"longitude":2,"language":3}])"),
        std::string(R"([{"latitude":1,"longitude":2,"language":""}])"),
        R"([{"latitude":1,"longitude":2,"language":")" + std::string(36, 'a') + "\"}]",
        with_id("7"), with_id("\"\""), with_id("{}"), with_id("\"" + longest + "y\"")}) {
    const auto question = ReadGeocodingQuestion(args);
    ASSERT_TRUE(question.error) << args;
    EXPECT_EQ(question.error->code, "invalid_request") << args;
  }
}

}  // namespace
}  // namespace trackwire::notify
