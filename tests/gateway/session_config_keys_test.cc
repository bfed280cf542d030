#include "gateway/session_config_keys.h"

#include <gtest/gtest.h>

namespace trackwire::gateway {
namespace {

using namespace std::chrono_literals;

TEST(SessionConfigKeysTest, NoTokenOfOursOutlivesARevocation) {
  Config config;
  config.auth_revocation_days = 30;
  config.auth_session_hours = 12;
  EXPECT_EQ(RevocationKeep(config), 24h * 30);
  config.auth_session_hours = 24 * 90;
  config.auth_leeway_s = 30;
  EXPECT_EQ(RevocationKeep(config), 24h * 90 + 60s);
}

}  // namespace
}  // namespace trackwire::gateway
