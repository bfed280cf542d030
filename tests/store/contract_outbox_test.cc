#include "tests/store/contract.h"

namespace trackwire::store {
namespace {

/// The promises of store.h about the outbox.
class OutboxContract : public ContractTest {
 protected:
  /// Returns the number that the outbox has reached.
  uint64_t Put(const std::string& producer, const std::vector<std::string>& keys) {
    WriteBatch batch;
    batch.producer = producer;
    for (const std::string& key : keys) batch.outbox.push_back({0, key, "{\"a\":1}", kNow});
    return store_->Write(batch)->outbox_seq;
  }
  void Clear(const std::string& producer, uint64_t through) {
    WriteBatch batch;
    batch.producer = producer;
    batch.clear_outbox_through = through;
    ASSERT_TRUE(store_->Write(batch));
  }
  std::vector<std::string> Keys(const std::string& producer) {
    std::vector<std::string> keys;
    const auto entries = store_->Outbox(producer);
    for (const OutboxEntry& entry : *entries) keys.push_back(entry.key);
    return keys;
  }
  using List = std::vector<std::string>;
};

TEST_P(OutboxContract, KeepsOrderUntilCleared) {
  const uint64_t after_two = Put("", {"k1", "k2"});
  const uint64_t after_three = Put("", {"k3"});
  EXPECT_GT(after_three, after_two);
  Reopen();
  const auto entries = *store_->Outbox("");
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].key, "k1");
  EXPECT_EQ(entries[0].envelope, "{\"a\":1}");
  EXPECT_EQ(entries[0].created_at, kNow);
  EXPECT_EQ(entries[1].seq, after_two);
  EXPECT_LT(entries[0].seq, entries[1].seq);
  Clear("", after_two);
  EXPECT_EQ(Keys(""), List{"k3"});
}

TEST_P(OutboxContract, KeepsProducersApart) {
  Put("traccar:office", {"a1"});
  Put("push", {"b1", "b2"});
  const uint64_t last = Put("traccar:office", {"a2"});
  EXPECT_EQ(Keys("traccar:office"), (List{"a1", "a2"}));
  EXPECT_EQ(Keys("push"), (List{"b1", "b2"}));
  EXPECT_TRUE(Keys("").empty());
  Clear("traccar:office", last);
  EXPECT_TRUE(Keys("traccar:office").empty());
  EXPECT_EQ(Keys("push"), (List{"b1", "b2"})) << "not its own to clear";
}

TEST_P(OutboxContract, NumbersNeverComeBack) {
  const uint64_t first = Put("", {"k"});
  Clear("", first);
  Reopen();
  EXPECT_GE(store_->Write({})->outbox_seq, first);
  EXPECT_GT(Put("", {"k"}), first);
}

TEST_P(OutboxContract, StartsAtNothing) { EXPECT_EQ(store_->Write({})->outbox_seq, 0u); }

INSTANTIATE_TEST_SUITE_P(Backends, OutboxContract, testing::ValuesIn(Backends()), BackendName);

}  // namespace
}  // namespace trackwire::store
