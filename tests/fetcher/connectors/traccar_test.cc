#include "fetcher/connectors/traccar.h"

#include <gtest/gtest.h>

#include <condition_variable>

#include "base/text.h"
#include "net/websocket/handshake.h"
#include "net/websocket/opcode.h"
#include "tests/fetcher/connectors/connector_harness.h"

namespace trackwire::fetcher {
namespace {

using testing::Remote;
using testing::Service;
using namespace std::chrono_literals;
using Heard = std::vector<std::string>;

std::string Device(int id, const std::string& unique_id) {
  return R"({"id":)" + std::to_string(id) + R"(,"uniqueId":")" + unique_id +
         R"(","name":"The )" + unique_id + R"(","category":"van","status":"online"})";
}

/// A position that the server got `second` seconds after the full minute.
std::string Position(int device, int second, const std::string& more = "") {
  const std::string time =
      "2026-02-23T10:15:" + std::string(second < 10 ? "0" : "") + std::to_string(second) + "+00:00";
  return R"({"id":1,"deviceId":)" + std::to_string(device) + R"(,"fixTime":")" + time +
         R"(","serverTime":")" + time +
         R"(","latitude":52.5,"longitude":13.25,"speed":10,"course":90,"accuracy":0,"valid":true,)"
         R"("outdated":false,"attributes":{"batteryLevel":80})" +
         more + "}";
}

/// Frames that a test says on the socket of the server, one after another.
class Feed {
 public:
  /// Serves a socket until the test ends it.
  void Serve(test::Peer& peer, const std::string& request) {
    const std::string name = "Sec-WebSocket-Key: ";
    const size_t at = request.find(name) + name.size();
    peer.Send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Accept: " +
              net::websocket::AcceptValue(request.substr(at, request.find("\r\n", at) - at)) +
              "\r\n\r\n");
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return !messages_.empty() || ended_; });
      if (messages_.empty()) return;
      std::string frame;
      net::websocket::AppendServerHeader(frame, net::websocket::Opcode::kText,
                                         messages_.front().size());
      peer.Send(frame + messages_.front());
      messages_.erase(messages_.begin());
    }
  }
  void Say(std::string message) {
    const std::lock_guard lock(mutex_);
    messages_.push_back(std::move(message));
    changed_.notify_all();
  }
  void End() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> messages_;
  bool ended_ = false;
};

/// A Traccar server with the devices `red` (7) and `blue` (8).
class TraccarConnectorTest : public ::testing::Test {
 protected:
  TraccarConnectorTest() {
    service.On("/api/devices", "[" + Device(7, "red") + "," + Device(8, "blue") + "]");
    service.On("/api/devices?uniqueId=red", "[" + Device(7, "red") + "]");
    service.On("/api/devices?uniqueId=nobody", "[]");
    service.On("/api/positions", "[" + Position(7, 10) + "," + Position(8, 11) + "]");
    service.On("/api/positions?deviceId=7", "[" + Position(7, 10) + "]");
    service.On("/api/commands/send", "{}");
    service.OnSocket("/api/socket?token=the%20token",
                     [this](test::Peer& peer, const std::string& request) {
                       feed.Serve(peer, request);
                     });
  }
  ~TraccarConnectorTest() override { feed.End(); }

  ConnectorOptions Options() const {
    ConnectorOptions options;
    options.kind = TraccarOptions{service.Url("/"), "the token"};
    return options;
  }

  Feed feed;
  Service service;
};

TEST_F(TraccarConnectorTest, FetchesAll) {
  service.On("/api/positions", "[" + Position(7, 10) + "," + Position(9, 11) + ",{}]");
  Remote remote(Options());
  const auto all = remote.All();
  ASSERT_EQ(Remote::Brief(all), "red");
  EXPECT_EQ(all->bad, 2u);
  const formats::Report& report = all->reports[0];
  EXPECT_EQ(report.name, "The red");
  EXPECT_EQ(report.category, "van");
  EXPECT_DOUBLE_EQ(*report.fix.speed_mps, 18520.0 / 3600);
  EXPECT_EQ(report.fix.battery_percent, 80);
  for (const char* path : {"/api/devices", "/api/positions"}) {
    EXPECT_NE(service.requests(path)[0].find("\r\nAuthorization: Bearer the token\r\n"),
              std::string::npos);
  }
  EXPECT_TRUE(remote.connector().abilities().locates);
  EXPECT_TRUE(remote.connector().abilities().listens);
}

TEST_F(TraccarConnectorTest, SaysWhyThereIsNothing) {
  Remote remote(Options());
  service.OnStatus("/api/positions", 500);
  EXPECT_EQ(remote.AllBrief(), "bad_status");
  service.On("/api/positions", "{}");
  EXPECT_EQ(remote.AllBrief(), "bad_answer");
  service.OnStatus("/api/devices", 401);
  EXPECT_EQ(remote.AllBrief(), "unauthorized");
  EXPECT_EQ(remote.OneBrief("nobody"), "not_found");
}

TEST_F(TraccarConnectorTest, LocatesADevice) {
  // The device answers the command; until then there is only what was there before.
  service.On("/api/commands/send", [this](const std::string&) {
    service.On("/api/positions?deviceId=7", "[" + Position(7, 20) + "]");
    return test::Answer(202, "{}");
  });
  Remote remote(Options());
  const auto one = remote.One("red");
  ASSERT_EQ(Remote::Brief(one), "red");
  EXPECT_EQ(base::FormatTime(one->reports[0].fix.fix_time), "2026-02-23T10:15:20.000Z");
  EXPECT_EQ(one->reports[0].name, "The red");
  const std::string command = service.requests("/api/commands/send").at(0);
  EXPECT_TRUE(command.starts_with("POST ")) << command;
  EXPECT_TRUE(command.ends_with(R"({"deviceId":7,"type":"positionSingle","attributes":{}})"))
      << command;
  EXPECT_NE(command.find("\r\nContent-Type: application/json\r\n"), std::string::npos);
}

TEST_F(TraccarConnectorTest, TakesTheFirstPositionOfADeviceThatHadNone) {
  service.On("/api/positions?deviceId=7", "[]");
  service.On("/api/commands/send", [this](const std::string&) {
    service.On("/api/positions?deviceId=7", "[" + Position(7, 20) + "]");
    return test::Answer(200, "{}");
  });
  EXPECT_EQ(Remote(Options()).OneBrief("red"), "red");
}

TEST_F(TraccarConnectorTest, TakesNoOldPlaceForAnAnswer) {
  service.On("/api/commands/send", [this](const std::string&) {
    service.On("/api/positions?deviceId=7", "[" + Position(7, 20, R"(,"outdated":true)") + "]");
    return test::Answer(200, "{}");
  });
  Remote remote(Options());
  const auto one = remote.One("red", 1'000ms);
  ASSERT_FALSE(one);
  EXPECT_EQ(one.error().code, "no_fix");
  EXPECT_GE(service.requests("/api/positions?deviceId=7").size(), 2u);
}

TEST_F(TraccarConnectorTest, SaysWhatTheServerSaysToTheCommand) {
  Remote remote(Options());
  service.OnStatus("/api/commands/send", 400);
  EXPECT_EQ(remote.OneBrief("red"), "unsupported");
  service.OnStatus("/api/commands/send", 403);
  EXPECT_EQ(remote.OneBrief("red"), "unauthorized");
  service.OnStatus("/api/positions?deviceId=7", 503);
  EXPECT_EQ(remote.OneBrief("red"), "bad_status");
}

TEST_F(TraccarConnectorTest, ListensToTheSocket) {
  Remote remote(Options());
  EXPECT_EQ(remote.AllBrief(), "red blue");
  remote.Listen();
  remote.UntilHeard(1);
  feed.Say(R"({"positions":[)" + Position(7, 12) + "]}");
  remote.UntilHeard(2);
  feed.Say("{}");
  feed.Say(R"({"events":[{"type":"deviceOnline"}]})");
  feed.Say(R"({"devices":[)" + Device(8, "renamed") + "]}");
  feed.Say(R"({"positions":[)" + Position(8, 13) + "," + Position(7, 14) + "]}");
  feed.Say("not json");
  feed.Say(R"({"positions":[)" + Position(7, 15) + "]}");
  remote.UntilHeard(5);
  feed.End();
  EXPECT_EQ(remote.UntilHeard(6), (Heard{"up", "red", "renamed red", "", "red", "down closed"}));
}

TEST_F(TraccarConnectorTest, AsksWhoAStrangerIs) {
  Remote remote(Options());
  remote.Listen();
  feed.Say(R"({"positions":[)" + Position(7, 12) + "," + Position(99, 12) + "]}");
  // Once for both of them; nobody knows the second.
  EXPECT_EQ(remote.UntilHeard(2), (Heard{"up", "red"}));
  feed.Say(R"({"positions":[)" + Position(99, 13) + "]}");
  feed.Say(R"({"positions":[)" + Position(8, 14) + "]}");
  EXPECT_EQ(remote.UntilHeard(4), (Heard{"up", "red", "", "blue"}));
  EXPECT_EQ(service.requests("/api/devices").size(), 1u);
}

TEST_F(TraccarConnectorTest, HearsTheAnswerToACommandOnTheSocket) {
  service.On("/api/commands/send", [this](const std::string&) {
    feed.Say(R"({"positions":[)" + Position(8, 20) + "," + Position(7, 20) + "]}");
    return test::Answer(200, "{}");
  });
  Remote remote(Options());
  EXPECT_EQ(remote.AllBrief(), "red blue");
  remote.Listen();
  remote.UntilHeard(1);
  const auto one = remote.One("red");
  ASSERT_EQ(Remote::Brief(one), "red");
  EXPECT_EQ(base::FormatTime(one->reports[0].fix.fix_time), "2026-02-23T10:15:20.000Z");
  EXPECT_EQ(remote.UntilHeard(2), (Heard{"up", "blue red"}));
}

TEST_F(TraccarConnectorTest, ListensAgainWhenItIsTold) {
  Service closed;
  ConnectorOptions options;
  options.kind = TraccarOptions{closed.Url(), "the token"};
  Remote refused(options);
  refused.Listen();
  EXPECT_EQ(refused.UntilHeard(1), (Heard{"down bad_status"}));
  closed.OnStatus("/api/socket?token=the%20token", 401);
  refused.Listen();
  EXPECT_EQ(refused.UntilHeard(2), (Heard{"down bad_status", "down unauthorized"}));
}

TEST_F(TraccarConnectorTest, MayBeDestroyedAtAnyTime) {
  test::Gate asked;
  service.On("/api/commands/send", [&](const std::string&) {
    asked.Open();
    return test::Answer(200, "{}");
  });
  Remote remote(Options());
  remote.Listen();
  remote.UntilHeard(1);
  bool called = false;
  remote.loop().Run([&] {
    remote.connector().FetchOne("red", 30s, [&](auto) { called = true; });
  });
  asked.Wait();
  remote.Destroy();
  remote.loop().Run([] {});
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace trackwire::fetcher
