// The server over TLS, seen from the wire.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <fcntl.h>
#include <sys/socket.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "net/connections.h"
#include "net/http/server.h"
#include "net/tls_context.h"
#include "tests/net/faults.h"
#include "tests/net/net_test_client.h"
#include "tests/net/tls_test_client.h"
#include "tests/support/certificate.h"
#include "tests/support/temp_dir.h"

namespace trackwire::net {
namespace {

using http::Exchange;
using http::Request;
using http::Response;
using net::testing::Client;
using net::testing::Eventually;
using net::testing::FaultGuard;
using net::testing::TestServer;
using net::testing::TheFaults;
using net::testing::TlsClient;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace std::chrono_literals;

constexpr std::string_view kGetHello = "GET /hello HTTP/1.1\r\nHost: here\r\n\r\n";
constexpr std::string_view kHttp11("\x08http/1.1", 9);
constexpr std::string_view kHttp2("\x02h2", 3);
constexpr size_t kLarge = 20'000'000;

/// Every byte differs from those a record or a buffer away.
std::string Pattern(size_t size) {
  std::string text(size, '\0');
  for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 997) % 26);
  return text;
}

/// Sends all it is told, and how often it is told to.
class Talker final : public websocket::Listener, public http::Handler {
 public:
  http::Body OnRequest(const Exchange& exchange, const Request& request) override {
    stream_ = exchange.Upgrade(request, this, {.max_message_bytes = 10'000'000}, {});
    return http::Body::None();
  }
  void OnBody(const Exchange&, const Request&, std::string) override {}
  void OnMessage(FrameKind kind, std::string_view payload) override {
    if (payload == "many") {
      for (int i = 0; i < 1'000; ++i) Send(FrameKind::kText, "frame " + std::to_string(i));
      return;
    }
    if (payload == "bye") return stream_.Close(1000, "");
    Send(kind, payload);
  }
  void OnClosed(websocket::CloseCause cause, uint16_t) override {
    cause_ = static_cast<int>(cause);
  }
  int cause() const { return cause_; }

 private:
  void Send(FrameKind kind, std::string_view payload) {
    stream_.Send(FrameRef::Hold(EncodedFrame::Make(kind, payload)));
  }

  websocket::Stream stream_;
  std::atomic<int> cause_{-1};
};

class TlsTest : public ::testing::Test {
 protected:
  explicit TlsTest(Shard::Options options = {}) : server_(1, options) {
    Certify("first");
    auto context = TlsContext::Load(files_);
    EXPECT_TRUE(context);
    context_ = *context;
    options_.tls = context_;
  }

  void Certify(const std::string& name) {
    test::WriteCertificate(files_.certificate, files_.key, {.common_name = name});
  }
  uint16_t Start() {
    auto& router = server_.router();
    router.On("GET", "/hello", 0, [](const Exchange& exchange, const Request& request, auto) {
      exchange.Respond(Response::Text(200, request.secure ? "hello, secure" : "hello"));
    });
    router.On("POST", "/echo", kLarge,
              [](const Exchange& exchange, const Request&, std::string body) {
                exchange.Respond(Response::Text(200, std::move(body)));
              });
    router.On("GET", "/large", 0, [](const Exchange& exchange, const Request&, auto) {
      exchange.Respond(Response::Text(200, Pattern(kLarge)));
    });
    router.Mount("/ws", &talker_);
    return server_.Start(options_);
  }
  uint64_t Failures(TlsFailure failure) {
    return server_.Counters().tls_failures[static_cast<size_t>(failure)];
  }
  bool AllGone() {
    return Eventually([&] { return server_.Counters().connections_open == 0; });
  }
  static std::string Hello(TlsClient& client) {
    client.Write(kGetHello);
    return client.ReadResponse();
  }

  test::TempDir directory_;
  TlsFiles files_{directory_.File("certificate.pem"), directory_.File("key.pem")};
  std::shared_ptr<TlsContext> context_;
  http::ServerOptions options_;
  Talker talker_;
  TestServer server_;
};

TEST_F(TlsTest, AnswersRequestsAndKnowsThatTheyAreSecure) {
  TlsClient client(Start());
  ASSERT_TRUE(client.connected()) << client.error();
  EXPECT_EQ(SSL_version(client.ssl()), TLS1_3_VERSION);
  for (int i = 0; i < 3; ++i) EXPECT_THAT(Hello(client), EndsWith("\r\n\r\nhello, secure"));
  const ShardCounters counters = server_.Counters();
  EXPECT_EQ(counters.tls_connections, 1u);
  EXPECT_EQ(counters.tls_handshakes, 1u);
  EXPECT_EQ(counters.tls_resumed, 0u);
}

TEST_F(TlsTest, SpeaksTls12Too) {
  TlsClient::Options options;
  options.max_version = TLS1_2_VERSION;
  TlsClient client(Start(), options);
  ASSERT_TRUE(client.connected()) << client.error();
  EXPECT_THAT(Hello(client), EndsWith("hello, secure"));
  EXPECT_THAT(SSL_get_cipher_name(client.ssl()), HasSubstr("ECDHE"));
}

TEST_F(TlsTest, RefusesOldVersionsAndWeakCiphers) {
  const uint16_t port = Start();
  TlsClient::Options old;
  old.max_version = TLS1_1_VERSION;
  EXPECT_FALSE(TlsClient(port, old).connected());
  EXPECT_EQ(Failures(TlsFailure::kVersion), 1u);
  TlsClient::Options weak;
  weak.max_version = TLS1_2_VERSION;
  weak.ciphers = "ECDHE-ECDSA-AES128-SHA:AES128-SHA";
  TlsClient client(port, weak);
  EXPECT_THAT(client.error(), HasSubstr("handshake failure"));
  EXPECT_EQ(Failures(TlsFailure::kCipher), 1u);
}

TEST_F(TlsTest, AgreesOnHttp11OrSaysThatItCannot) {
  const uint16_t port = Start();
  TlsClient::Options both;
  both.alpn = std::string(kHttp2) + std::string(kHttp11);
  TlsClient good(port, both);
  EXPECT_EQ(good.alpn(), "http/1.1");
  EXPECT_THAT(Hello(good), EndsWith("hello, secure"));
  TlsClient::Options other;
  other.alpn = kHttp2;
  TlsClient bad(port, other);
  EXPECT_THAT(bad.error(), HasSubstr("no application protocol"));
  EXPECT_EQ(Failures(TlsFailure::kAlpn), 1u);
}

TEST_F(TlsTest, TellsPlainHttpWhatThisPortSpeaks) {
  Client client(Start());
  client.Write(kGetHello);
  const std::string answer = client.ReadToEnd();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 "));
  const size_t body = answer.find("\r\n\r\n") + 4;
  EXPECT_THAT(answer, HasSubstr("Content-Length: " + std::to_string(answer.size() - body)));
  EXPECT_THAT(answer, HasSubstr("https://"));
  EXPECT_EQ(Failures(TlsFailure::kPlainHttp), 1u);
  client.Close();
  EXPECT_TRUE(AllGone());
}

TEST_F(TlsTest, EndsGarbage) {
  const uint16_t port = Start();
  Client other(port);
  other.Write(std::string(100, '\0'));
  EXPECT_EQ(other.ReadToEnd(), "");
  EXPECT_EQ(Failures(TlsFailure::kNotTls), 1u);
  // It begins as TLS does, and says what no record can hold, or no handshake.
  for (const std::string_view begin : {std::string_view("\x16\x03\x01\xff\xff", 5),
                                       std::string_view("\x16\x03\x01\x00\x04\xff\xff\xff\xff", 9)}) {
    Client client(port);
    client.Write(begin);
    EXPECT_THAT(client.ReadToEnd(), StartsWith("\x15\x03")) << "an alert";
  }
  EXPECT_EQ(Failures(TlsFailure::kProtocol), 2u);
}

TEST_F(TlsTest, MakesNoRoomForAGreetingThatAnnouncesTooMuch) {
  const uint16_t port = Start();
  const std::string_view whole("\x16\x03\x01\x00\x04\x01\x01\xff\xfc", 9);
  const std::string_view split("\x16\x03\x01\x00\x01\x01\x16\x03\x01\x00\x03\x01\xff\xfc", 14);
  for (const std::string_view begin : {whole, split}) {
    Client client(port);
    client.Write(begin);
    EXPECT_EQ(client.ReadToEnd(), "");
  }
  EXPECT_EQ(Failures(TlsFailure::kProtocol), 2u);
}

TEST_F(TlsTest, CutsOffWhoGoesOnAfterAFailure) {
  Client client(Start());
  client.Write("GET /");
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 400 "));
  client.Write(std::string(1'000'000, 'x'));
  EXPECT_TRUE(AllGone());
}

TEST_F(TlsTest, ASilentClientEndsWithTheTimeForAHead) {
  options_.head_timeout = 40ms;
  const uint16_t port = Start();
  Client client(port);
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_EQ(Failures(TlsFailure::kGone), 0u) << "it never began";
  // The beginning of a record.
  Client begun(port);
  begun.Write(std::string_view("\x16\x03\x01\x01\x00\x01", 6));
  EXPECT_EQ(begun.ReadToEnd(), "");
  EXPECT_EQ(Failures(TlsFailure::kGone), 1u);
}

TEST_F(TlsTest, CountsWhoLeavesAmidTheHandshake) {
  Client client(Start());
  client.Write(std::string_view("\x16\x03\x01\x01\x00\x01", 6));
  EXPECT_TRUE(Eventually([&] { return server_.Counters().bytes_in == 6; }));
  EXPECT_EQ(server_.Counters().connections_waiting, 1u);
  client.Close();
  EXPECT_TRUE(AllGone());
  EXPECT_EQ(Failures(TlsFailure::kGone), 1u);
}

TEST_F(TlsTest, TakesLargeBodiesAndGivesThemBack) {
  const uint16_t port = Start();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient::Options options;
    options.max_version = version;
    TlsClient client(port, options);
    const std::string body = Pattern(5'000'000);
    client.Write("POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 5000000\r\n\r\n");
    client.Write(body);
    const std::string answer = client.ReadResponse();
    EXPECT_TRUE(answer.ends_with(body));
    EXPECT_THAT(Hello(client), EndsWith("hello, secure")) << "the connection goes on";
  }
  EXPECT_EQ(server_.Counters().backlog_bytes, 0u);
}

TEST_F(TlsTest, AnswersASlowReaderWhole) {
  TlsClient::Options options;
  options.receive_buffer = 4'096;
  TlsClient client(Start(), options);
  client.Write("GET /large HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
  // The socket is full by now, and what is encrypted waits beside it.
  EXPECT_TRUE(Eventually([&] { return server_.Counters().backlog_bytes > 0; }));
  std::string answer;
  for (std::string part; !(part = client.ReadExactly(10'000)).empty();) answer += part;
  EXPECT_TRUE(answer.ends_with(Pattern(kLarge)));
  EXPECT_TRUE(client.EndedInOrder());
  client.Close();
  EXPECT_TRUE(AllGone());
  EXPECT_EQ(server_.Counters().backlog_bytes, 0u);
}

TEST_F(TlsTest, SendsWholeThoughTheKernelTakesLittleAtATime) {
  const FaultGuard guard;
  TheFaults().bytes_per_send = 1'000;
  TlsClient client(Start());
  ASSERT_TRUE(client.connected()) << client.error();
  const std::string body = Pattern(300'000);
  client.Write("POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 300000\r\n\r\n" + body);
  EXPECT_TRUE(client.ReadResponse().ends_with(body));
  client.Write("GET /hello HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.ReadToEnd(), EndsWith("hello, secure"));
  EXPECT_TRUE(client.EndedInOrder());
}

TEST_F(TlsTest, ARequestMayComeByteByByteAndRecordByRecord) {
  TlsClient client(Start());
  for (const char byte : kGetHello) client.Write({&byte, 1});
  EXPECT_THAT(client.ReadResponse(), EndsWith("hello, secure"));
}

TEST_F(TlsTest, ARecordThatIsNotWholeIsCountedAsInput) {
  const uint16_t port = Start();
  TlsClient client(port);
  ASSERT_TRUE(client.connected());
  // A record of 16 kB of which all but the last byte comes.
  const std::string begun = std::string("\x17\x03\x03\x40\x00", 5) + std::string(16'383, 'x');
  ASSERT_EQ(::send(client.fd(), begun.data(), begun.size(), 0),
            static_cast<ssize_t>(begun.size()));
  EXPECT_TRUE(Eventually([&] { return server_.Counters().input_bytes > 10'000; }));
  // With that one it is whole, and nonsense.
  EXPECT_EQ(::send(client.fd(), "x", 1, 0), 1);
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_THAT(client.error(), HasSubstr("bad record mac"));
  EXPECT_EQ(Failures(TlsFailure::kProtocol), 1u);
  EXPECT_EQ(server_.Counters().input_bytes, 0u);
}

TEST_F(TlsTest, AnswersWhoHasSaidItsEnd) {
  const uint16_t port = Start();
  TlsClient client(port);
  client.Write("GET /large HTTP/1.1\r\nHost: here\r\n\r\n");
  client.ShutdownWrite();
  EXPECT_TRUE(client.ReadToEnd().ends_with(Pattern(kLarge)));
  EXPECT_TRUE(client.EndedInOrder());
  // The end without a word of TLS.
  TlsClient rude(port);
  rude.Write(kGetHello);
  ::shutdown(rude.fd(), SHUT_WR);
  EXPECT_THAT(rude.ReadToEnd(), EndsWith("hello, secure"));
  EXPECT_TRUE(AllGone());
}

TEST_F(TlsTest, TellsItsEndToIdleClients) {
  options_.idle_timeout = 40ms;
  TlsClient client(Start());
  EXPECT_THAT(Hello(client), EndsWith("hello, secure"));
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_TRUE(client.EndedInOrder());
}

TEST_F(TlsTest, RefusesToNegotiateAnew) {
  TlsClient::Options options;
  options.max_version = TLS1_2_VERSION;
  TlsClient client(Start(), options);
  ASSERT_EQ(SSL_renegotiate(client.ssl()), 1);
  EXPECT_FALSE(client.Handshake());
  EXPECT_THAT(client.error(), HasSubstr("no renegotiation"));
  EXPECT_EQ(server_.Counters().tls_handshakes, 1u);
}

TEST_F(TlsTest, FollowsNewKeys) {
  TlsClient client(Start());
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(SSL_key_update(client.ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
    EXPECT_THAT(Hello(client), EndsWith("hello, secure"));
  }
}

TEST_F(TlsTest, EndsWhoAsksForKeysAndReadsNothing) {
  const FaultGuard guard;
  TlsClient client(Start());
  EXPECT_THAT(Hello(client), EndsWith("hello, secure"));
  TheFaults().refuse_sends = true;
  for (int i = 0; i < 100'000; ++i) {
    if (i % 1'000 == 0 && server_.Counters().connections_open == 0) break;
    if (SSL_key_update(client.ssl(), SSL_KEY_UPDATE_REQUESTED) != 1) break;
    if (SSL_do_handshake(client.ssl()) != 1) break;
  }
  EXPECT_TRUE(AllGone());
}

TEST_F(TlsTest, AWebSocketEchoesLargeMessagesAndMany) {
  TlsClient client(Start());
  EXPECT_THAT(client.OpenWebSocket(), StartsWith("HTTP/1.1 101 "));
  const std::string large = Pattern(3'000'000);
  client.WriteFrame(0x82, large);
  auto frame = client.ReadFrame();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->payload, large);
  client.WriteFrame(0x81, "many");
  for (int i = 0; i < 1'000; ++i) {
    frame = client.ReadFrame();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->payload, "frame " + std::to_string(i));
  }
  client.WriteFrame(0x81, "bye");
  frame = client.ReadFrame();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->first_byte, 0x88);
  client.WriteFrame(0x88, "\x03\xe8");
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_TRUE(client.EndedInOrder());
}

TEST_F(TlsTest, SendsTheFramesOfATurnInFewRecords) {
  TlsClient client(Start());
  EXPECT_THAT(client.OpenWebSocket(), StartsWith("HTTP/1.1 101 "));
  const uint64_t before = server_.Counters().writes;
  client.WriteFrame(0x81, "many");
  for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(client.ReadFrame());
  // 11 kB in frames of eleven bytes, 128 of them at a time.
  EXPECT_LE(server_.Counters().writes - before, 9u);
}

TEST_F(TlsTest, ASlowWebSocketGetsAllOrIsTold) {
  TlsClient::Options options;
  options.receive_buffer = 4'096;
  TlsClient client(Start(), options);
  EXPECT_THAT(client.OpenWebSocket(), StartsWith("HTTP/1.1 101 "));
  for (int i = 0; i < 8; ++i) client.WriteFrame(0x82, Pattern(1'000'000));
  EXPECT_TRUE(Eventually([&] { return talker_.cause() != -1; }));
  EXPECT_EQ(talker_.cause(), static_cast<int>(websocket::CloseCause::kSlowConsumer));
  EXPECT_EQ(server_.Counters().slow_disconnects, 1u);
  EXPECT_TRUE(AllGone());
  EXPECT_EQ(server_.Counters().backlog_bytes, 0u);
}

TEST_F(TlsTest, TakesUpSessionsByTicket) {
  const uint16_t port = Start();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient::Options options;
    options.max_version = version;
    TlsClient first(port, options);
    EXPECT_THAT(Hello(first), EndsWith("hello, secure"));
    EXPECT_FALSE(first.resumed());
    options.session = first.TakeSession();
    TlsClient second(port, options);
    EXPECT_TRUE(second.resumed());
    EXPECT_THAT(Hello(second), EndsWith("hello, secure"));
    SSL_SESSION_free(options.session);
  }
  EXPECT_EQ(server_.Counters().tls_resumed, 2u);
}

TEST_F(TlsTest, ShowsNewClientsTheNewCertificate) {
  const uint16_t port = Start();
  TlsClient old(port);
  EXPECT_EQ(old.ServerName(), "first");
  EXPECT_THAT(Hello(old), EndsWith("hello, secure"));
  Certify("second");
  const auto changed = context_->Reload();
  ASSERT_TRUE(changed && *changed);
  TlsClient next(port);
  EXPECT_EQ(next.ServerName(), "second");
  EXPECT_THAT(Hello(next), EndsWith("hello, secure"));
  EXPECT_THAT(Hello(old), EndsWith("hello, secure"));
  // Who comes back with a ticket of before sees it too.
  TlsClient::Options options;
  options.session = old.TakeSession();
  TlsClient back(port, options);
  EXPECT_FALSE(back.resumed());
  EXPECT_EQ(back.ServerName(), "second");
  SSL_SESSION_free(options.session);
}

TEST_F(TlsTest, ManyBeginAtOnce) {
  const uint16_t port = Start();
  std::vector<std::unique_ptr<TlsClient>> clients;
  TlsClient::Options options;
  options.handshake = false;
  for (int i = 0; i < 100; ++i) clients.push_back(std::make_unique<TlsClient>(port, options));
  // All hellos are there before the first answer is read.
  for (const auto& client : clients) {
    SSL_set_mode(client->ssl(), SSL_MODE_AUTO_RETRY);
    const int flags = ::fcntl(client->fd(), F_GETFL);
    ::fcntl(client->fd(), F_SETFL, flags | O_NONBLOCK);
    client->Handshake();
    ::fcntl(client->fd(), F_SETFL, flags);
  }
  for (const auto& client : clients) {
    ASSERT_TRUE(client->Handshake()) << client->error();
    EXPECT_THAT(Hello(*client), EndsWith("hello, secure"));
  }
  EXPECT_EQ(server_.Counters().tls_handshakes, 100u);
}

/// Moves each request to the other shard first, once.
class Mover final : public http::Handler {
 public:
  explicit Mover(TestServer& server) : server_(server) {}
  http::Body OnRequest(const Exchange& exchange, const Request& request) override {
    const uint16_t here = exchange.shard().index();
    const bool to_move = *request.headers.Find("X-Shard") != std::to_string(here);
    if (to_move) {
      exchange.HandOver(server_.shard(1u - here));
      return http::Body::None();
    }
    return http::Body::Read(kLarge);
  }
  void OnBody(const Exchange& exchange, const Request&, std::string body) override {
    exchange.Respond(
        Response::Text(200, std::to_string(exchange.shard().index()) + " " + std::move(body)));
  }

 private:
  TestServer& server_;
};

TEST(TlsHandOverTest, MovesConnectionsWithTheirSecrets) {
  test::TempDir directory;
  const TlsFiles files{directory.File("certificate.pem"), directory.File("key.pem")};
  test::WriteCertificate(files.certificate, files.key);
  auto context = TlsContext::Load(files);
  ASSERT_TRUE(context);
  TestServer server(2);
  Mover mover(server);
  server.router().Mount("/move", &mover);
  http::ServerOptions options;
  options.tls = *context;
  const uint16_t port = server.Start(options);

  const std::string body = Pattern(200'000);
  for (int i = 0; i < 10; ++i) {
    TlsClient client(port);
    for (const char* shard : {"0", "1", "0", "1"}) {
      client.Write(std::string("POST /move HTTP/1.1\r\nHost: here\r\nX-Shard: ") + shard +
                   "\r\nContent-Length: 200000\r\n\r\n" + body);
      const std::string answer = client.ReadResponse();
      EXPECT_TRUE(answer.ends_with(shard + (" " + body)));
    }
    // The end of input came with the request that moved.
    for (const char* shard : {"0", "1"}) {
      TlsClient last(port);
      last.Write(std::string("POST /move HTTP/1.1\r\nHost: here\r\nX-Shard: ") + shard +
                 "\r\nContent-Length: 3\r\n\r\nend");
      last.ShutdownWrite();
      EXPECT_THAT(last.ReadToEnd(), EndsWith(shard + std::string(" end")));
      EXPECT_TRUE(last.EndedInOrder());
    }
  }
  EXPECT_TRUE(Eventually([&] { return server.Counters().tls_connections == 0; }));
}

TEST_F(TlsTest, ReloadsUnderConnections) {
  const uint16_t port = Start();
  std::atomic<bool> done{false};
  std::thread reloading([&] {
    for (int i = 0; !done; ++i) {
      Certify("turn " + std::to_string(i));
      EXPECT_TRUE(context_->Reload());
    }
  });
  TlsClient lasting(port);
  for (int i = 0; i < 50; ++i) {
    TlsClient client(port);
    ASSERT_TRUE(client.connected()) << client.error();
    EXPECT_THAT(Hello(client), EndsWith("hello, secure"));
    EXPECT_THAT(Hello(lasting), EndsWith("hello, secure"));
  }
  done = true;
  reloading.join();
}

}  // namespace
}  // namespace trackwire::net
