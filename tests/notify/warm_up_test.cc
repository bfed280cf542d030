#include "notify/warm_up.h"

#include <gmock/gmock.h>

#include "tests/notify/pipeline.h"

namespace trackwire::notify {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Pipeline::Options Open(Pipeline* beside, bool unknown_public) {
  Pipeline::Options options;
  options.rules.unknown_trackers_public = unknown_public;
  options.beside = beside;
  return options;
}

void SayPosition(Pipeline& pipeline, const std::string& id, int latitude,
                 const std::string& more = "") {
  const auto answer = pipeline.Take(
      R"({"message_type":"tracker_location_updated","notification":{"tracker_id":")" + id +
      R"(","latitude":)" + std::to_string(latitude) + R"(,"longitude":2})" + more + "}");
  ASSERT_TRUE(answer && !answer->results.front().error);
}

void Warm(Pipeline& pipeline, WarmUpOptions options = {}) {
  test::Await<bool>([&](std::function<void(bool)> done) {
    pipeline.Post([&pipeline, options, done] {
      WarmUp(pipeline.broker().log(), pipeline.dispatch(), options, [done] { done(true); });
    });
  });
}

TEST(WarmUpTest, TellsAGatewayThatStartsWhereTrackersAre) {
  Pipeline first(Open(nullptr, true));
  for (int i = 0; i < 50; ++i) SayPosition(first, "a", i);
  SayPosition(first, "b", 7);
  SayPosition(first, "for one only", 7, R"(,"socket_id":"x")");
  Pipeline second(Open(&first, true));
  EXPECT_THAT(second.Snapshot(), Not(HasSubstr("latitude")));
  WarmUpOptions options;
  options.batch_entries = 7;
  Warm(second, options);
  EXPECT_THAT(second.Snapshot(), HasSubstr(R"({"tracker_id":"a","latitude":49,"longitude":2})"));
  EXPECT_THAT(second.Snapshot(), HasSubstr(R"({"tracker_id":"b","latitude":7,"longitude":2})"));
  EXPECT_THAT(second.Snapshot(), Not(HasSubstr("for one only")));
}

TEST(WarmUpTest, LearnsNoTrackersWhereUnknownOnesAreNotPublic) {
  Pipeline first(Open(nullptr, false));
  SayPosition(first, "a", 1);
  Pipeline second(Open(&first, false));
  Warm(second);
  EXPECT_THAT(second.Snapshot(), Not(HasSubstr("latitude")));
}

TEST(WarmUpTest, EndsOnAnEmptyLogAndAtItsLimit) {
  Pipeline first(Open(nullptr, true));
  Warm(first);
  for (int i = 0; i < 20; ++i) SayPosition(first, "t" + std::to_string(i), i);
  Pipeline second(Open(&first, true));
  WarmUpOptions options;
  options.max_entries = 5;
  options.batch_entries = 5;
  Warm(second, options);
  EXPECT_THAT(second.Snapshot(), HasSubstr("t4"));
  EXPECT_THAT(second.Snapshot(), Not(HasSubstr("t5")));
}

}  // namespace
}  // namespace trackwire::notify
