#include "engineio/session.h"

#include <gtest/gtest.h>

#include "engineio/websocket_transport.h"
#include "tests/engineio/session_harness.h"

namespace trackwire::engineio {
namespace {

using testing::FakeHost;
using testing::FakeTransport;
using testing::Peer;
using testing::Record;
using testing::Recorder;
using namespace std::chrono_literals;

static_assert(sizeof(Session) + sizeof(WebSocketTransport) <= 200,
              "an idle session must stay small");

class SessionTest : public ::testing::Test {
 protected:
  struct Setup {
    std::string transport = "websocket";
    std::chrono::milliseconds ping_interval = 25s;
    std::chrono::milliseconds ping_timeout = 20s;
  };

  void Open() { Open(Setup()); }
  void Open(const Setup& setup) {
    host_.mutable_options().ping_interval = setup.ping_interval;
    host_.mutable_options().ping_timeout = setup.ping_timeout;
    auto transport = std::make_unique<FakeTransport>(setup.transport, peer_);
    transport_ = transport.get();
    session_ = &host_.Open(std::move(transport));
    session_->set_listener(std::make_unique<Recorder>(record_));
  }
  void Packet(const std::string& text) { Packet(*transport_, text); }
  void Packet(FakeTransport& transport, const std::string& text) {
    const auto packet = DecodePacket(text);
    if (packet) {
      transport.listener()->OnPacket(*packet);
    } else {
      transport.listener()->OnBadPacket(packet.error());
    }
  }
  /// A second transport for an upgrade.
  FakeTransport& OpenProbe() {
    auto transport = std::make_unique<FakeTransport>("websocket", probe_);
    FakeTransport& reference = *transport;
    session_->BeginUpgrade(std::move(transport));
    return reference;
  }
  /// Packets of the heartbeat until now.
  void AnswerFirstPing() {
    host_.Advance(host_.options().ping_interval);
    ASSERT_EQ(peer_->Take(), "2");
    Packet("3");
  }

  FakeHost host_;
  Record record_;
  std::shared_ptr<Peer> peer_ = std::make_shared<Peer>();
  std::shared_ptr<Peer> probe_ = std::make_shared<Peer>();
  FakeTransport* transport_ = nullptr;
  Session* session_ = nullptr;
};

TEST_F(SessionTest, TellsTheClientItsSession) {
  host_.mutable_options().max_payload = 123;
  Open();
  session_->SendOpen();
  EXPECT_EQ(peer_->Take(), "0{\"sid\":\"" + session_->sid() +
                               "\",\"upgrades\":[],\"pingInterval\":25000,"
                               "\"pingTimeout\":20000,\"maxPayload\":123}");
}

TEST_F(SessionTest, OffersAnUpgradeToPollingClientsOnly) {
  Open({.transport = "polling"});
  peer_->poll_waits = true;
  session_->SendOpen();
  EXPECT_NE(peer_->Take().find("\"upgrades\":[\"websocket\"]"), std::string::npos);
  host_.mutable_options().allow_upgrades = false;
  session_->SendOpen();
  EXPECT_NE(peer_->Take().find("\"upgrades\":[]"), std::string::npos);
}

TEST_F(SessionTest, PassesMessagesBothWays) {
  Open();
  Packet("4hello");
  Packet("bAQI=");
  session_->SendMessage(net::FrameKind::kText, "back");
  session_->SendMessage(net::FrameKind::kBinary, "raw");
  EXPECT_EQ(record_.messages, (std::vector<std::string>{"hello", "binary:\x01\x02"}));
  EXPECT_EQ(peer_->Take(), "4back");
  EXPECT_EQ(peer_->Take(), "binary:raw");
}

TEST_F(SessionTest, PingsAtTheIntervalAndAgainAfterThePong) {
  Open();
  host_.Advance(19s);
  EXPECT_TRUE(peer_->frames.empty());
  host_.Advance(4s);
  EXPECT_EQ(peer_->Take(), "2");
  host_.Advance(15s);
  Packet("3");
  host_.Advance(24s);
  EXPECT_TRUE(peer_->frames.empty()) << "the interval counts from the pong";
  host_.Advance(1010ms);
  EXPECT_EQ(peer_->Take(), "2");
}

TEST_F(SessionTest, ClosesWhenTheClientStopsAnsweringPings) {
  Open({.ping_interval = 25s, .ping_timeout = 60s});
  host_.Advance(25s);
  EXPECT_EQ(peer_->Take(), "2");
  host_.Advance(54s);
  EXPECT_FALSE(record_.closed);
  host_.Advance(6s);
  EXPECT_EQ(record_.closed, CloseReason::kPingTimeout);
  EXPECT_TRUE(peer_->closed);
  EXPECT_EQ(host_.live_sessions(), 0u);
}

TEST_F(SessionTest, OtherPacketsExtendTheWaitForThePongOnce) {
  Open();
  AnswerFirstPing();
  host_.Advance(25010ms);
  ASSERT_EQ(peer_->Take(), "2");
  host_.Advance(19s);
  Packet("4alive");
  host_.Advance(19s);
  Packet("4still");
  EXPECT_FALSE(record_.closed);
  host_.Advance(1100ms);
  EXPECT_EQ(record_.closed, CloseReason::kPingTimeout);
}

TEST_F(SessionTest, IgnoresPacketsThatSayNothing) {
  Open();
  for (const char* packet : {"0", "5", "6", "3"}) Packet(packet);
  EXPECT_FALSE(record_.closed);
  host_.Advance(25s);
  EXPECT_EQ(peer_->Take(), "2") << "an unsolicited pong changes nothing";
}

TEST_F(SessionTest, APingFromTheClientIsAnError) {
  Open();
  Packet("2");
  EXPECT_EQ(record_.closed, CloseReason::kTransportError);
  EXPECT_TRUE(peer_->closed);
}

TEST_F(SessionTest, WhatIsNoPacketIsAParseError) {
  for (const char* text : {"", "7", "abc"}) {
    record_ = {};
    Open();
    Packet(text);
    EXPECT_EQ(record_.closed, CloseReason::kParseError) << text;
    host_.RunDeferred();
    EXPECT_EQ(host_.live_sessions(), 0u);
  }
}

TEST_F(SessionTest, ClosesWhenTheClientSaysSo) {
  Open();
  Packet("1");
  EXPECT_EQ(record_.closed, CloseReason::kTransportClose);
  EXPECT_TRUE(peer_->closed);
  Packet("4late");
  EXPECT_TRUE(record_.messages.empty());
  host_.RunDeferred();
  EXPECT_EQ(host_.live_sessions(), 0u);
}

TEST_F(SessionTest, ALostTransportEndsIt) {
  Open();
  transport_->listener()->OnTransportLost(CloseReason::kTransportClose);
  EXPECT_EQ(record_.closed, CloseReason::kTransportClose);
  session_->SendMessage(net::FrameKind::kText, "late");
  session_->Close(CloseReason::kForcedClose);
  EXPECT_TRUE(peer_->frames.empty());
  host_.RunDeferred();
  EXPECT_EQ(host_.live_sessions(), 0u);
}

TEST_F(SessionTest, ATransportThatBreaksWhileSendingIsDealtWithLater) {
  Open();
  transport_->break_on_send = true;
  session_->SendMessage(net::FrameKind::kText, "a");
  session_->SendMessage(net::FrameKind::kText, "b");
  EXPECT_FALSE(record_.closed) << "a sender must not be surprised";
  host_.RunDeferred();
  EXPECT_EQ(record_.closed, CloseReason::kTransportError);
  EXPECT_EQ(host_.live_sessions(), 0u);
}

TEST_F(SessionTest, CountsWhatHappens) {
  Open();
  EXPECT_EQ(host_.counters().websocket_sessions, 1u);
  Packet("4a");
  session_->SendMessage(net::FrameKind::kText, "b");
  session_->Close(CloseReason::kForcedClose);
  EXPECT_EQ(host_.counters().packets_in, 1u);
  EXPECT_EQ(host_.counters().packets_out, 1u);
  EXPECT_EQ(host_.counters().websocket_sessions, 0u);
  EXPECT_EQ(host_.counters().closed[static_cast<size_t>(CloseReason::kForcedClose)], 1u);
}

TEST_F(SessionTest, AListenerThatThrowsAtTheEndIsRetiredAllTheSame) {
  struct Throwing final : SessionListener {
    void OnMessage(net::FrameKind, std::string_view) override {}
    void OnClosed(CloseReason) override { throw std::runtime_error("at the end"); }
  };
  Open();
  session_->set_listener(std::make_unique<Throwing>());
  Packet("1");
  host_.RunDeferred();
  EXPECT_EQ(host_.live_sessions(), 0u);
}

TEST_F(SessionTest, PollingKeepsTheEndForTheNextGetAtMostThirtySeconds) {
  Open({.transport = "polling"});
  session_->SendMessage(net::FrameKind::kText, "kept");
  session_->Close(CloseReason::kForcedClose);
  EXPECT_EQ(record_.closed, CloseReason::kForcedClose) << "the program knows at once";
  EXPECT_TRUE(session_->reachable());
  host_.Advance(29s);
  EXPECT_EQ(host_.live_sessions(), 1u);
  host_.Advance(1100ms);
  EXPECT_EQ(host_.live_sessions(), 0u);
}

TEST_F(SessionTest, AGetMayBeOvertakenByTheCloseOfItsClient) {
  host_.shards = 2;
  Open({.transport = "polling"});
  Packet("1");
  EXPECT_EQ(record_.closed, CloseReason::kTransportClose);
  EXPECT_TRUE(session_->reachable());
  host_.Advance(600ms);
  EXPECT_EQ(host_.live_sessions(), 0u);
}

class UpgradeTest : public SessionTest {
 protected:
  void SetUp() override {
    Open({.transport = "polling"});
    peer_->poll_waits = true;
  }
};

TEST_F(UpgradeTest, SwitchesAfterTheProbe) {
  FakeTransport& probe = OpenProbe();
  Packet(probe, "2probe");
  EXPECT_EQ(probe_->Take(), "3probe");
  EXPECT_EQ(peer_->Take(), "6") << "the waiting GET is let go";
  EXPECT_EQ(session_->transport_name(), "polling");

  session_->SendMessage(net::FrameKind::kText, "one");
  session_->SendMessage(net::FrameKind::kText, "two");
  Packet(probe, "5");
  EXPECT_EQ(session_->transport_name(), "websocket");
  session_->SendMessage(net::FrameKind::kText, "three");
  EXPECT_EQ(probe_->Take(), "4one");
  EXPECT_EQ(probe_->Take(), "4two");
  EXPECT_EQ(probe_->Take(), "4three");
  EXPECT_TRUE(probe_->frames.empty()) << "no reply to the upgrade packet";
  EXPECT_TRUE(peer_->frames.empty()) << "nothing is sent on both transports";
  EXPECT_TRUE(peer_->gone);
  EXPECT_FALSE(record_.closed);
  EXPECT_EQ(host_.counters().upgrades, 1u);
  EXPECT_EQ(host_.counters().polling_sessions, 0u);
  EXPECT_EQ(host_.counters().websocket_sessions, 1u);

  Packet(probe, "4after");
  EXPECT_EQ(record_.messages, std::vector<std::string>{"after"});
}

TEST_F(UpgradeTest, LetsFurtherGetsGoEveryTenthOfASecond) {
  FakeTransport& probe = OpenProbe();
  Packet(probe, "2probe");
  EXPECT_EQ(peer_->Take(), "6");
  peer_->poll_waits = true;
  host_.Advance(50ms);
  EXPECT_TRUE(peer_->poll_waits);
  host_.Advance(70ms);
  EXPECT_EQ(peer_->Take(), "6");
}

TEST_F(UpgradeTest, MessagesGoByPollingUntilTheSwitch) {
  FakeTransport& probe = OpenProbe();
  Packet(probe, "2probe");
  probe_->frames.clear();
  peer_->frames.clear();
  peer_->poll_waits = true;
  session_->SendMessage(net::FrameKind::kText, "early");
  EXPECT_EQ(peer_->Take(), "4early");
  Packet("4posted");
  EXPECT_EQ(record_.messages, std::vector<std::string>{"posted"});
  Packet(probe, "5");
  EXPECT_TRUE(probe_->frames.empty());
}

TEST_F(UpgradeTest, AnyOtherPacketEndsTheProbeAlone) {
  for (const char* packet : {"4early", "2", "2prob", "3probe", "1", "6", "x", ""}) {
    *probe_ = {};
    FakeTransport& probe = OpenProbe();
    Packet(probe, packet);
    EXPECT_TRUE(probe_->closed) << packet;
    EXPECT_TRUE(probe_->gone) << packet;
    EXPECT_FALSE(record_.closed) << packet;
    EXPECT_TRUE(session_->upgradable()) << packet;
  }
  EXPECT_TRUE(record_.messages.empty());
}

TEST_F(UpgradeTest, AnswersOneProbeWithinTheLimitsOfUnsentData) {
  FakeTransport& probe = OpenProbe();
  Packet(probe, "2probe");
  EXPECT_EQ(probe_->Take(), "3probe");
  EXPECT_EQ(probe_->exempt, 0u);
  Packet(probe, "2probe");
  EXPECT_EQ(probe_->Take(), "<nothing>");
  EXPECT_TRUE(probe_->gone);
  EXPECT_FALSE(record_.closed);
  EXPECT_TRUE(session_->upgradable());
}

TEST_F(UpgradeTest, TheProbeTimesOutAndTheSessionLivesOn) {
  FakeTransport& probe = OpenProbe();
  Packet(probe, "2probe");
  host_.Advance(10100ms);
  EXPECT_TRUE(probe_->closed);
  EXPECT_FALSE(record_.closed);
  EXPECT_TRUE(session_->upgradable());
  EXPECT_EQ(host_.counters().upgrades_failed, 1u);
}

TEST_F(UpgradeTest, ALostProbeLeavesTheSessionAlone) {
  FakeTransport& probe = OpenProbe();
  probe.listener()->OnTransportLost(CloseReason::kTransportClose);
  EXPECT_FALSE(record_.closed);
  EXPECT_TRUE(session_->upgradable());
}

TEST_F(UpgradeTest, OnlyOneAtATimeAndNoneAfterwards) {
  FakeTransport& probe = OpenProbe();
  EXPECT_FALSE(session_->upgradable());
  Packet(probe, "2probe");
  Packet(probe, "5");
  EXPECT_FALSE(session_->upgradable());
}

TEST_F(UpgradeTest, TheEndOfTheSessionEndsTheProbe) {
  OpenProbe();
  Packet("1");
  EXPECT_EQ(record_.closed, CloseReason::kTransportClose);
  EXPECT_TRUE(probe_->closed);
}

TEST_F(UpgradeTest, WhatTheProgramClosedDuringTheUpgradeEndsOnTheNewTransport) {
  peer_->poll_waits = false;
  FakeTransport& probe = OpenProbe();
  Packet(probe, "2probe");
  probe_->frames.clear();
  session_->SendMessage(net::FrameKind::kText, "last words");
  session_->Close(CloseReason::kForcedClose);
  EXPECT_FALSE(probe_->closed);
  Packet(probe, "5");
  EXPECT_EQ(probe_->Take(), "4last words");
  EXPECT_TRUE(probe_->closed);
  host_.RunDeferred();
  EXPECT_EQ(host_.live_sessions(), 0u);
}

TEST_F(UpgradeTest, TheHeartbeatGoesOnOverTheNewTransport) {
  FakeTransport& probe = OpenProbe();
  Packet(probe, "2probe");
  Packet(probe, "5");
  probe_->frames.clear();
  host_.Advance(25s);
  EXPECT_EQ(probe_->Take(), "2");
  host_.Advance(20100ms);
  EXPECT_EQ(record_.closed, CloseReason::kPingTimeout);
}

TEST_F(SessionTest, APaceBelowTheRateGoesOnForEver) {
  host_.mutable_options().packets_per_second = 10;
  host_.mutable_options().packet_burst = 5;
  Open({.ping_interval = 24h});
  session_->MeterPackets();
  for (int i = 0; i < 5; ++i) Packet("4x");
  for (int i = 0; i < 1'000; ++i) {
    host_.Advance(100ms);
    Packet("4x");
  }
  EXPECT_EQ(record_.messages.size(), 1'005u);
  EXPECT_FALSE(record_.closed);
  host_.Advance(1h);
  for (int i = 0; i < 5; ++i) Packet(i % 2 == 0 ? "4x" : "6");
  EXPECT_FALSE(record_.closed) << "full again, but not fuller";
  Packet("4x");
  EXPECT_EQ(record_.closed, CloseReason::kTransportError);
  EXPECT_EQ(host_.counters().flood_disconnects, 1u);
}

TEST_F(SessionTest, WhenItWasOpenedDoesNotMatterToItsPackets) {
  host_.mutable_options().packets_per_second = 1;
  host_.mutable_options().packet_burst = 5;
  // The ticks that are counted come round after 18 hours.
  for (int i = 0; i < 40; ++i) {
    host_.Advance(1h);
    record_ = {};
    Open({.ping_interval = 24h});
    session_->MeterPackets();
    for (int n = 0; n < 5; ++n) Packet("4x");
    EXPECT_EQ(record_.messages.size(), 5u) << i;
    EXPECT_FALSE(record_.closed) << i;
    Packet("4x");
    EXPECT_TRUE(record_.closed) << i;
    host_.RunDeferred();
  }
}

}  // namespace
}  // namespace trackwire::engineio
