#include "checker.h"

#include <gtest/gtest.h>

#include <vector>

namespace trackwire::exact {
namespace {

constexpr size_t kContents = 10;

// Three clients from the beginning of the log on, and a log whose entry n has content n.
class ExactCheckerTest : public testing::Test {
 protected:
  ExactCheckerTest() {
    for (size_t client = 0; client < 3; ++client) Session(client, 0);
  }

  void Session(size_t client, uint64_t at, bool fresh = true) {
    checker_.OnSession(client, {"e", {at, 0}}, fresh);
  }
  void Event(size_t client, uint64_t at, Mark mark, const std::string& epoch = "e") {
    checker_.OnEvent(client, R"(42["news",{"exact":[)" + std::to_string(mark.content) + "," +
                                 std::to_string(mark.tracker) + "," +
                                 std::to_string(mark.sequence) + "]},\"" + epoch + "." +
                                 std::to_string(at) + "-0\"]");
  }
  void Get(size_t client, const std::vector<uint32_t>& entries) {
    for (const uint32_t n : entries) Event(client, n, {n, 0, n});
  }
  Verdict Judge(const std::vector<uint32_t>& published) const {
    std::vector<Expectation> expected;
    for (const uint32_t n : published) expected.push_back({n, 1, 1});
    return checker_.Judge(expected);
  }

  Checker checker_{3, kContents, 2};
};

TEST_F(ExactCheckerTest, IsContentWhenAllHaveAll) {
  for (size_t client = 0; client < 3; ++client) Get(client, {1, 2, 3});
  const Verdict verdict = Judge({1, 2, 3});
  EXPECT_TRUE(verdict.exact());
  EXPECT_EQ(verdict.entries, 3u);
  EXPECT_EQ(verdict.deliveries, 9u);
}

TEST_F(ExactCheckerTest, MissesWhatOthersGot) {
  Get(0, {1, 2, 3});
  Get(1, {1, 3});
  Get(2, {1, 2});
  const Verdict verdict = Judge({1, 2, 3});
  EXPECT_FALSE(verdict.exact());
  EXPECT_EQ(verdict.total, (Faults{.missing = 2}));
  ASSERT_EQ(verdict.faulty.size(), 2u);
  EXPECT_EQ(verdict.faulty[0].client, 1u);
  EXPECT_EQ(verdict.faulty[0].first, "missing: content 2 of tracker 0 at 2-0");
  EXPECT_EQ(verdict.faulty[1].client, 2u);
}

TEST_F(ExactCheckerTest, MissesWhatNobodyGot) {
  for (size_t client = 0; client < 3; ++client) Get(client, {1, 3});
  const Verdict verdict = Judge({1, 2, 3});
  EXPECT_FALSE(verdict.exact());
  EXPECT_EQ(verdict.lost, 1u);
  EXPECT_EQ(verdict.first_lost, "content 2: 0 of 1");
}

TEST_F(ExactCheckerTest, SeesAnEntryTwice) {
  Get(0, {1, 2, 2, 3});
  Get(1, {1, 2, 3});
  Get(2, {1, 2, 3});
  const Verdict verdict = Judge({1, 2, 3});
  EXPECT_FALSE(verdict.exact());
  EXPECT_EQ(verdict.total, (Faults{.doubled = 1, .backwards = 1}));
}

TEST_F(ExactCheckerTest, SeesAContentThatIsInTheLogTwice) {
  for (size_t client = 0; client < 3; ++client) {
    Get(client, {1, 2});
    Event(client, 3, {2, 0, 2});
  }
  const Verdict verdict = Judge({1, 2});
  EXPECT_FALSE(verdict.exact());
  EXPECT_EQ(verdict.unpublished, 1u);
  EXPECT_TRUE(verdict.total.none());
}

TEST_F(ExactCheckerTest, CountsEqualContents) {
  for (size_t client = 0; client < 3; ++client) {
    for (const uint64_t at : {1, 2, 3}) Event(client, at, {5, 0, 0});
  }
  EXPECT_TRUE(checker_.Judge({{5, 3, 3}}).exact());
  EXPECT_TRUE(checker_.Judge({{5, 2, 4}}).exact());
  EXPECT_EQ(checker_.Judge({{5, 4, 4}}).lost, 1u);
  EXPECT_EQ(checker_.Judge({{5, 2, 2}}).unpublished, 1u);
  Event(1, 4, {5, 0, 0});
  EXPECT_EQ(checker_.Judge({{5, 4, 4}}).total, (Faults{.missing = 2}));
}

TEST_F(ExactCheckerTest, SeesOffsetsThatDoNotRise) {
  Get(0, {1, 3, 2});
  Get(1, {1, 2, 3});
  Get(2, {1, 2, 3});
  const Verdict verdict = Judge({1, 2, 3});
  EXPECT_FALSE(verdict.exact());
  EXPECT_EQ(verdict.total, (Faults{.backwards = 1, .unordered = 1}));
}

TEST_F(ExactCheckerTest, SeesALogThatIsNotInTheOrderOfPublishing) {
  for (size_t client = 0; client < 3; ++client) {
    Event(client, 1, {1, 0, 2});
    Event(client, 2, {2, 0, 1});
    Event(client, 3, {3, 1, 1});  // of another tracker
  }
  EXPECT_EQ(Judge({1, 2, 3}).total, (Faults{.unordered = 3}));
}

TEST_F(ExactCheckerTest, SeesBytesThatDiffer) {
  Event(0, 1, {1, 0, 1});
  Event(1, 1, {1, 0, 2});
  Event(2, 1, {1, 0, 1});
  EXPECT_EQ(Judge({1}).total, (Faults{.missing = 1, .altered = 1}));
}

TEST_F(ExactCheckerTest, SeesWhatIsNotOfTheTest) {
  checker_.OnEvent(0, R"(42["news",{"n":1},"e.1-0"])");
  checker_.OnEvent(0, R"(42["news",{"exact":[1,0,1]}])");
  checker_.OnEvent(0, "42[]");
  Event(0, 1, {1, 0, 1}, "another");
  Event(0, 1, {kContents, 0, 1});
  Event(0, 1, {1, 2, 1});
  EXPECT_EQ(Judge({}).total, (Faults{.foreign = 6}));
}

TEST_F(ExactCheckerTest, ExpectsOnlyWhatCameAfterTheFirstSession) {
  Checker checker(2, kContents, 1);
  checker.OnSession(0, {"e", {0, 0}}, true);
  checker.OnEvent(0, R"(42["news",{"exact":[1,0,1]},"e.1-0"])");
  checker.OnSession(1, {"e", {1, 0}}, true);
  for (const size_t client : {0, 1}) {
    checker.OnEvent(client, R"(42["news",{"exact":[2,0,2]},"e.2-0"])");
  }
  EXPECT_TRUE(checker.Judge({{1, 1, 1}, {2, 1, 1}}).exact());
  // An old one beside it is one too many.
  checker.OnEvent(1, R"(42["news",{"exact":[1,0,1]},"e.1-0"])");
  EXPECT_EQ(checker.Judge({{1, 1, 1}, {2, 1, 1}}).total.doubled, 1u);
}

TEST_F(ExactCheckerTest, ExpectsEverythingOfWhoResumed) {
  Get(0, {1, 2, 3, 4});
  Get(1, {1});
  checker_.OnResumed(1);
  Get(1, {2, 3});
  Session(1, 3, false);
  Get(1, {4});
  Get(2, {1});
  checker_.OnResumed(2);
  Get(2, {3});
  Session(2, 3, false);
  Get(2, {4});
  const Verdict verdict = Judge({1, 2, 3, 4});
  EXPECT_EQ(verdict.total, (Faults{.missing = 1}));
  EXPECT_EQ(verdict.resumed, 2u);
}

TEST_F(ExactCheckerTest, BlamesARefusalWithinTheWindowOnly) {
  for (size_t client = 0; client < 3; ++client) Get(client, {1, 2});
  checker_.OnRefused(1, true);
  checker_.OnRefused(2, false);
  Get(0, {3, 4});
  for (const size_t client : {1, 2}) {
    Session(client, 3);
    Get(client, {4});
  }
  const Verdict verdict = Judge({1, 2, 3, 4});
  EXPECT_FALSE(verdict.exact());
  EXPECT_EQ(verdict.total, (Faults{.refused = 1}));
  EXPECT_EQ(verdict.expired, 1u);
  ASSERT_EQ(verdict.faulty.size(), 1u);
  EXPECT_EQ(verdict.faulty[0].client, 1u);
}

TEST_F(ExactCheckerTest, SeesAGapBeforeARefusalAfterTheWindow) {
  Get(0, {1, 2, 3, 4});
  Get(2, {1, 2, 3, 4});
  Get(1, {1, 3});
  checker_.OnRefused(1, false);
  Session(1, 4);
  EXPECT_EQ(Judge({1, 2, 3, 4}).total, (Faults{.missing = 1}));
}

TEST_F(ExactCheckerTest, SeesWhoNeverHadASession) {
  Checker checker(1, kContents, 1);
  EXPECT_FALSE(checker.Judge({}).exact());
  EXPECT_EQ(checker.Judge({}).uncovered, 1u);
}

TEST_F(ExactCheckerTest, SeesARefusedConnect) {
  checker_.OnConnectError(0, "44{}");
  EXPECT_EQ(Judge({}).total, (Faults{.connect_errors = 1}));
}

}  // namespace
}  // namespace trackwire::exact
