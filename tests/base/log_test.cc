#include "base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json_scanner.h"
#include "base/kept_log.h"

namespace trackwire::base {
namespace {

using testing::HasSubstr;
using testing::Not;

class LogTest : public testing::Test {
 protected:
  ~LogTest() override { ConfigureLog(LogLevel::kInfo, LogFormat::kText); }

  std::string Written(LogFormat format, LogLevel least, void (*write)()) {
    ConfigureLog(least, format);
    FlushLog();
    testing::internal::CaptureStderr();
    write();
    FlushLog();
    return testing::internal::GetCapturedStderr();
  }
};

void OneLine() {
  LogInfo("net", "client \xFF left", {{"sid", "a b\n"}, {"bytes", 12}, {"reason", "gone"}});
}

TEST_F(LogTest, WritesTextThatNoValueCanBreak) {
  const std::string line = Written(LogFormat::kText, LogLevel::kInfo, OneLine);
  EXPECT_THAT(line, HasSubstr(" info net: client ? left sid=\"a b\\n\" bytes=12 reason=gone\n"));
}

TEST_F(LogTest, WritesJsonLines) {
  const std::string line = Written(LogFormat::kJson, LogLevel::kInfo, OneLine);
  auto value = ScanJson(line);
  ASSERT_TRUE(value) << line;
  EXPECT_EQ(FindMember(*value, "bytes")->text, "12");
  EXPECT_EQ(DecodeJsonString(FindMember(*value, "sid")->text), "a b\n");
}

TEST_F(LogTest, LeavesOutWhatIsBelowTheLevel) {
  const std::string lines = Written(LogFormat::kText, LogLevel::kWarn, [] {
    LogInfo("net", "quiet");
    LogWarn("net", "loud");
  });
  EXPECT_THAT(lines, Not(HasSubstr("quiet")));
  EXPECT_THAT(lines, HasSubstr(" warn net: loud\n"));
}

TEST_F(LogTest, KeepsALineWhateverTheLevelAndHoweverManyOthersThereAre) {
  const std::string lines = Written(LogFormat::kText, LogLevel::kOff, [] {
    LogKept("audit", "session.end", {{"by", "ada"}});
  });
  EXPECT_THAT(lines, HasSubstr(" info audit: session.end by=ada\n"));
  const std::string flooded = Written(LogFormat::kText, LogLevel::kInfo, [] {
    LogKept("audit", "first");
    for (int i = 0; i < 50'000; ++i) LogWarn("net", "flood");
  });
  EXPECT_THAT(flooded, HasSubstr(" info audit: first\n"));
}

}  // namespace
}  // namespace trackwire::base
