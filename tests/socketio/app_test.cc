#include "socketio/app.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <future>
#include <thread>

#include "net/loop.h"
#include "tests/socketio/server_harness.h"
#include "tests/support/certificate.h"
#include "tests/support/temp_dir.h"

namespace trackwire::socketio {
namespace {

using testing::EventClient;
using testing::HttpClient;
using testing::Notes;

AppOptions AnyPort(uint16_t threads = 1) {
  AppOptions options;
  options.port = 0;
  options.threads = threads;
  return options;
}

/// The common name in the certificate of who listens there; empty when no TLS is spoken.
std::string ServerName(uint16_t port) {
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_client_method()),
                                                             SSL_CTX_free);
  const std::unique_ptr<BIO, void (*)(BIO*)> link(BIO_new_ssl_connect(context.get()),
                                                  BIO_free_all);
  BIO_set_conn_hostname(link.get(), ("127.0.0.1:" + std::to_string(port)).c_str());
  if (BIO_do_connect(link.get()) != 1) return {};
  SSL* ssl = nullptr;
  BIO_get_ssl(link.get(), &ssl);
  std::array<char, 100> name{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(SSL_get0_peer_certificate(ssl)), NID_commonName,
                            name.data(), static_cast<int>(name.size()));
  return name.data();
}

/// An adapter whose link to the other servers never comes up.
class DeafAdapter final : public Adapter {
 public:
  explicit DeafAdapter(net::Loop& loop) : loop_(loop) {}
  net::Loop& loop() override { return loop_; }
  void Start(std::function<void()> done) override { done_ = std::move(done); }
  void Broadcast(const socketio::Broadcast&) override {}
  void BroadcastWithAck(const socketio::Broadcast&, std::chrono::milliseconds,
                        std::function<void(uint64_t)>, std::function<void(Args)>) override {}
  void SocketsJoin(const SocketFilter&, const std::vector<std::string>&) override {}
  void SocketsLeave(const SocketFilter&, const std::vector<std::string>&) override {}
  void DisconnectSockets(const SocketFilter&, bool) override {}
  void FetchSockets(const SocketFilter&,
                    std::function<void(Result<std::vector<RemoteSocket>>)>) override {}
  void ServerSideEmit(const std::string&, std::function<void(ServerAnswers)>) override {}

 private:
  net::Loop& loop_;
  std::function<void()> done_;
};

TEST(App, ServesSocketsAndRoutesOnOnePort) {
  App app(AnyPort(2));
  app.Of("/").On("hello", [](Socket& socket, const Event&, const AckFn&) {
    socket.Emit("hello-back", {"1", {}});
  });
  app.router().On("GET", "/ping", 0,
                  [](const net::http::Exchange& exchange, const net::http::Request&, std::string) {
                    exchange.Respond(net::http::Response::Text(200, "pong"));
                  });
  EXPECT_EQ(app.shards().size(), 2u);
  const auto port = app.Start();
  ASSERT_TRUE(port) << port.error().detail;

  EventClient client(*port);
  client.Connect();
  client.Send(R"(2["hello"])");
  EXPECT_EQ(client.Read(), R"(2["hello-back",1])");
  EXPECT_EQ(HttpClient(*port).Do("GET", "/ping").body, "pong");
}

TEST(App, ServesFiles) {
  const test::TempDir directory;
  const std::string page = directory.File("index.html");
  std::ofstream(page) << "<h1>hi</h1>";
  App app(AnyPort());
  ASSERT_TRUE(app.ServeFile("/", page));
  EXPECT_FALSE(app.ServeFile("/other", directory.File("missing.html")));
  const auto port = app.Start();
  ASSERT_TRUE(port);

  const auto reply = HttpClient(*port).Do("GET", "/");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "<h1>hi</h1>");
  EXPECT_EQ(reply.Header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(HttpClient(*port).Do("GET", "/other").status, 404);
}

TEST(App, ClosesConnectionsWhenItStops) {
  Notes notes;
  App app(AnyPort(2));
  app.Of("/").OnDisconnect(
      [&notes](Socket&, DisconnectReason reason) { notes.Add(ToString(reason)); });
  const auto port = app.Start();
  ASSERT_TRUE(port);
  EventClient client(*port);
  client.Connect();

  app.Stop();
  EXPECT_EQ(notes.Take(), "server shutting down");
  EXPECT_EQ(client.Read(), "<closed>");
  app.Stop();  // once more changes nothing
}

TEST(App, SaysThatAPortIsTaken) {
  App first(AnyPort());
  const auto port = first.Start();
  ASSERT_TRUE(port);
  AppOptions options;
  options.port = *port;
  App second(options);
  EXPECT_EQ(second.Run(), 1);
}

TEST(App, MayBeToldToQuitBeforeItRuns) {
  App app(AnyPort());
  app.Quit();
  EXPECT_EQ(app.Run(), 0);
}

TEST(App, AHandlerMayQuit) {
  std::promise<uint16_t> listening;
  AppOptions options = AnyPort();
  options.on_listening = [&listening](uint16_t port) { listening.set_value(port); };
  App app(options);
  app.Of("/").On("quit", [&app](Socket&, const Event&, const AckFn&) { app.Quit(); });
  auto exit_code = std::async(std::launch::async, [&app] { return app.Run(); });
  EventClient client(listening.get_future().get());
  client.Connect();
  client.Send(R"(2["quit"])");
  EXPECT_EQ(exit_code.get(), 0);
}

TEST(App, RunsUntilASignalAndPutsTheOldHandlerBack) {
  static volatile sig_atomic_t ours = 0;
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = [](int) { ours = ours + 1; };
  ASSERT_EQ(::sigaction(SIGTERM, &action, &before), 0);
  {
    App app(AnyPort());
    app.shards()[0]->Post([] { ::raise(SIGTERM); });  // once its thread runs, which Run() starts
    EXPECT_EQ(app.Run(), 0);
  }
  EXPECT_EQ(ours, 0);
  ::raise(SIGTERM);
  EXPECT_EQ(ours, 1);
  ::sigaction(SIGTERM, &before, nullptr);
}

TEST(App, CanBeToldToQuitWhileItWaitsForOtherServers) {
  net::Loop loop("deaf");
  loop.Start();
  {
    App app(AnyPort());
    app.io().UseAdapter(app.Of("/"), std::make_unique<DeafAdapter>(loop));
    app.Quit();
    EXPECT_EQ(app.Run(), 0);
  }
  loop.Stop();
}

TEST(App, SpeaksTlsAndReadsTheCertificateAgainAtSighup) {
  const test::TempDir directory;
  const std::string certificate = directory.File("cert.pem");
  const std::string key = directory.File("key.pem");
  test::CertificateOptions names;
  names.common_name = "first";
  test::WriteCertificate(certificate, key, names);
  std::promise<uint16_t> listening;
  AppOptions options = AnyPort();
  options.tls = {certificate, key};
  options.on_listening = [&listening](uint16_t port) { listening.set_value(port); };
  App app(options);
  auto exit_code = std::async(std::launch::async, [&app] { return app.Run(); });
  const uint16_t port = listening.get_future().get();
  EXPECT_EQ(ServerName(port), "first");

  names.common_name = "second";
  test::WriteCertificate(certificate, key, names);
  ::kill(::getpid(), SIGHUP);
  while (ServerName(port) == "first") std::this_thread::yield();
  EXPECT_EQ(ServerName(port), "second");

  std::ofstream(certificate) << "nonsense";
  ::kill(::getpid(), SIGHUP);
  app.Quit();
  EXPECT_EQ(exit_code.get(), 0);
}

TEST(App, DoesNotStartWithoutTheCertificateItWasGiven) {
  AppOptions options = AnyPort();
  options.tls = {"/nonexistent/cert.pem", "/nonexistent/key.pem"};
  App app(options);
  EXPECT_EQ(app.Run(), 1);
}

TEST(App, RecoversFromMemory) {
  App app(AnyPort());
  app.Recover(app.Of("/"));
  const auto port = app.Start();
  ASSERT_TRUE(port);
  EventClient client(*port);
  EXPECT_NE(testing::Member(client.Connect(), "pid"), "");
}

}  // namespace
}  // namespace trackwire::socketio
