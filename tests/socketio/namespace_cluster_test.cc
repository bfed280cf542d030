// Operations on many sockets of a server that is alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <future>

#include "tests/socketio/server_harness.h"
#include "tests/support/await.h"

namespace trackwire::socketio {
namespace {

using testing::EventClient;
using testing::Member;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using Found = Result<std::vector<RemoteSocket>>;

class NamespaceClusterTest : public testing::ServerFixture {
 protected:
  void SetUp() override {
    ServerFixture::SetUp();
    nsp_ = &Prepare();
    nsp_->OnConnection([](Socket& socket) { socket.set_shared_data(R"({"known":true})"); });
    nsp_->On("where", [](Socket& socket, const Event&, const AckFn& ack) {
      ack({"\"" + socket.sid() + "\"", {}});
    });
    Serve();
    for (int i = 0; i < 4; ++i) {
      clients_.push_back(Client());
      sids_.push_back(Member(clients_.back().Connect(), "sid"));
    }
  }
  Found Fetch(const SocketFilter& filter) {
    return test::Await<Found>([&](auto done) { nsp_->FetchSockets(filter, std::move(done)); });
  }
  std::vector<std::string> SidsOf(const SocketFilter& filter) {
    std::vector<std::string> sids;
    const Found found = Fetch(filter);
    for (const RemoteSocket& socket : found.value()) sids.push_back(socket.sid);
    std::sort(sids.begin(), sids.end());
    return sids;
  }
  std::vector<std::string> Sorted(std::vector<std::string> sids) {
    std::sort(sids.begin(), sids.end());
    return sids;
  }

  Namespace* nsp_ = nullptr;
  std::vector<EventClient> clients_;
  std::vector<std::string> sids_;
};

INSTANTIATE_TEST_SUITE_P(Shards, NamespaceClusterTest, ::testing::Values(1, 2));

TEST_P(NamespaceClusterTest, FiltersChooseSocketsOnAllShards) {
  EXPECT_EQ(SidsOf({}), Sorted(sids_));
  nsp_->SocketsJoin({{sids_[0], sids_[1]}, {}}, {"a", "b"});
  nsp_->SocketsJoin({{}, {"a"}}, {"c"});
  EXPECT_EQ(SidsOf({{"a"}, {}}), Sorted({sids_[0], sids_[1]}));
  EXPECT_EQ(SidsOf({{"c", "b"}, {sids_[3]}}), Sorted({sids_[0], sids_[1], sids_[2]}));
  nsp_->SocketsLeave({{"a"}, {sids_[1]}}, {"a", "none"});
  EXPECT_EQ(SidsOf({{"a"}, {}}), std::vector<std::string>{sids_[1]});
  EXPECT_TRUE(SidsOf({{"none"}, {}}).empty());
}

TEST_P(NamespaceClusterTest, ASocketTellsItsRoomsAndItsData) {
  nsp_->SocketsJoin({{sids_[0]}, {}}, {"a"});
  const auto found = Fetch({{"a"}, {}});
  ASSERT_EQ(found.value().size(), 1u);
  EXPECT_EQ(found->at(0).rooms, (std::vector<std::string>{sids_[0], "a"}));
  EXPECT_EQ(found->at(0).data_json, R"({"known":true})");
  // Without an adapter nobody keeps what a client said when it came.
  EXPECT_EQ(found->at(0).handshake_json, "{}");
}

TEST_P(NamespaceClusterTest, DisconnectsThoseChosen) {
  nsp_->SocketsJoin({{sids_[0]}, {}}, {"out"});
  nsp_->DisconnectSockets({{"out"}, {}}, false);
  EXPECT_EQ(clients_[0].Read(), "1");
  nsp_->DisconnectSockets({{sids_[1]}, {}}, true);
  EXPECT_EQ(clients_[1].Read(), "1");
  EXPECT_EQ(clients_[1].Read(), "<closed>");
  EXPECT_EQ(SidsOf({}), Sorted({sids_[2], sids_[3]}));
}

TEST_P(NamespaceClusterTest, GathersAcknowledgements) {
  std::promise<BroadcastAcks> acks;
  nsp_->EmitWithAck({"q", {"1", {}}, {}, {sids_[3]}}, 20s,
                    [&](BroadcastAcks got) { acks.set_value(std::move(got)); });
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(clients_[i].Read(), R"(20["q",1])");
    clients_[i].Send("30[" + std::to_string(i) + ",\"x\"]");
  }
  const BroadcastAcks got = acks.get_future().get();
  EXPECT_EQ(got.expected, 3u);
  EXPECT_FALSE(got.timed_out);
  std::vector<std::string> answers;
  for (const Args& answer : got.answers) answers.push_back(answer.json);
  EXPECT_EQ(Sorted(answers), (std::vector<std::string>{"0,\"x\"", "1,\"x\"", "2,\"x\""}));
}

TEST_P(NamespaceClusterTest, AcknowledgementsOfClientsThatGoAreNotWaitedFor) {
  std::promise<BroadcastAcks> acks;
  nsp_->EmitWithAck({"q", {"", {}}, {sids_[0], sids_[1]}, {}}, 1000s,
                    [&](BroadcastAcks got) { acks.set_value(std::move(got)); });
  EXPECT_EQ(clients_[0].Read(), R"(20["q"])");
  clients_[0].Send("30[]");
  EXPECT_EQ(clients_[1].Read(), R"(20["q"])");
  clients_[1].Send("1");
  const BroadcastAcks got = acks.get_future().get();
  EXPECT_TRUE(got.timed_out);
  EXPECT_EQ(got.expected, 2u);
  EXPECT_EQ(got.answers.size(), 1u);
}

TEST_P(NamespaceClusterTest, AlreadyNobodyIsAnAnswer) {
  const auto got = test::Await<BroadcastAcks>([&](auto done) {
    nsp_->EmitWithAck({"q", {"", {}}, {"none"}, {}}, 1000s, std::move(done));
  });
  EXPECT_EQ(got.expected, 0u);
  EXPECT_FALSE(got.timed_out);
}

TEST_P(NamespaceClusterTest, AServerAloneIsOne) {
  const auto count =
      test::Await<Result<uint64_t>>([&](auto done) { nsp_->ServerCount(std::move(done)); });
  EXPECT_EQ(count.value(), 1u);
  const auto answers = test::Await<ServerAnswers>(
      [&](auto done) { nsp_->ServerSideEmitJson(R"(["ask"])", std::move(done)); });
  EXPECT_TRUE(answers.answers.empty());
  EXPECT_FALSE(answers.timed_out);
}

TEST_P(NamespaceClusterTest, CallbacksRunOnTheCallersShard) {
  net::Shard& shard = *shards_->shards().back();
  std::promise<bool> there;
  shard.Run([&] {
    nsp_->FetchSockets({}, [&](const Found&) { there.set_value(shard.InThread()); });
  });
  EXPECT_TRUE(there.get_future().get());
}

}  // namespace
}  // namespace trackwire::socketio
