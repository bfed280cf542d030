#include "gateway/neighbours.h"

#include <gtest/gtest.h>

#include "tests/engineio/test_shards.h"

namespace trackwire::gateway {
namespace {

Config Sharing(std::vector<std::string> rules) {
  Config config;
  config.redis_url = "redis://127.0.0.1:1";
  config.neighbours_adapters = std::move(rules);
  return config;
}

// What is left when another part of a gateway fails to start.
TEST(NeighboursTest, EndsBeforeItsServerAlsoWhenItNeverStarted) {
  const Config config = Sharing({"/a=classic", "/b=streams", "/c=python", "/d=python"});
  testing::TestShards shards(1);
  socketio::Server server(shards.shards(), socketio::Options());
  std::vector<std::string> guarded;
  {
    Neighbours neighbours(config);
    auto attached = neighbours.Attach(
        server, [&](socketio::Namespace& nsp) { guarded.push_back(nsp.name()); },
        [](const socketio::Socket&) { return true; });
    ASSERT_TRUE(attached) << attached.error().detail;
  }
  // The server ends later, and must not look for any of it: the address sanitizer sees that.
  EXPECT_EQ(guarded, (std::vector<std::string>{"/a", "/b", "/c", "/d"}));
}

TEST(NeighboursTest, NamesWhatIsWrongWithARule) {
  for (const char* rule : {"", "/a", "a=classic", "/a=pickle", "/=streams", "/a b=classic"}) {
    auto read = ParseNeighbours({rule});
    ASSERT_FALSE(read) << rule;
    EXPECT_EQ(read.error().code, "bad_config");
  }
  EXPECT_FALSE(ParseNeighbours({"/a=classic", "/a=python"}));
}

}  // namespace
}  // namespace trackwire::gateway
