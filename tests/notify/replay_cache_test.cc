#include "notify/replay_cache.h"

#include "tests/notify/pipeline.h"

namespace trackwire::notify {
namespace {

TEST(ReplayCacheTest, CountsEachLookAtAnEntry) {
  Pipeline::Options options;
  options.fields.hidden_from = {"anonymous=a", "user=b", "auditor=c"};
  Pipeline pipeline(options);
  const std::string text(10'000, 'x');
  const auto entry = [&](uint64_t number) {
    broker::LogEntry out;
    out.offset = {"epoch", 1, number};
    out.envelope = R"({"message_type":"m","notification":{"a":1,"b":2,"c":3,"text":")" + text + "\"}}";
    return out;
  };
  pipeline.loop().Run([&] {
    ReplayCache cache(60'000);
    const auto first = cache.Get(entry(1), pipeline.dispatch(), "/");
    EXPECT_EQ(cache.Get(entry(1), pipeline.dispatch(), "/"), first);
    // Four looks at each, of 10,000 bytes.
    cache.Get(entry(2), pipeline.dispatch(), "/");
    EXPECT_NE(cache.Get(entry(1), pipeline.dispatch(), "/"), first);
  });
}

}  // namespace
}  // namespace trackwire::notify
