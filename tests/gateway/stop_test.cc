#include <gtest/gtest.h>

#include "auth/password.h"
#include "gateway/gateway.h"
#include "store/user_store.h"
#include "tests/engineio/raw_client.h"
#include "tests/support/await.h"
#include "tests/support/temp_dir.h"

namespace trackwire::gateway {
namespace {

/// What checking takes is longer than stopping does.
const auth::PasswordCost kDear{65'536, 16};

TEST(StopTest, ComesWhileAPasswordIsBeingChecked) {
  test::TempDir directory;
  Config config;
  config.listen = "127.0.0.1:0";
  config.threads = 1;
  config.database_url = "sqlite://" + directory.File("trackwire.db");
  config.auth_jwt_secret = "a secret that only this test knows";
  config.auth_argon2_memory_kib = kDear.memory_kib;
  config.auth_argon2_passes = kDear.passes;
  config.drain_notice_ms = 0;
  store::User ada;
  ada.name = "ada";
  ada.password_hash = *auth::HashPassword("correct horse", kDear);
  ASSERT_TRUE((*store::OpenUserStore(config.database_url))->Add(ada));
  auto gateway = Gateway::Start(config, {}, Clock::System());
  ASSERT_TRUE(gateway) << gateway.error().detail;

  testing::HttpClient client((*gateway)->port());
  client.Start("POST", "/api/login", {"Content-Type: application/json"},
               R"({"user":"ada","password":"correct horse"})");
  testing::HttpClient watcher((*gateway)->port());
  EXPECT_TRUE(test::Until([&watcher] {
    const std::string metrics = watcher.Get("/metrics").body;
    return metrics.find(R"(trackwire_rate_limit_allowed_total{kind="login"} 1)") !=
           std::string::npos;
  }));
  // What the right password leads to comes when the broker has ended. Sanitizers see whether it is
  // looked for all the same.
  (*gateway)->Stop();
}

}  // namespace
}  // namespace trackwire::gateway
