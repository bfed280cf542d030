#include "outbound/http_client.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>

#include "base/check.h"
#include "tests/outbound/outbound_harness.h"
#include "tests/support/scripted_server.h"
#include "tests/support/certificate.h"
#include "tests/support/temp_dir.h"

namespace trackwire::outbound {
namespace {

using test::Answer;
using test::Gate;
using test::Peer;
using test::ScriptedServer;
using testing::Asker;
using namespace std::chrono_literals;

std::string Gzipped(const std::string& text) {
  z_stream stream{};
  CHECK(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(compressBound(text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// Answers every request of a connection with the same bytes.
ScriptedServer::Serve Always(std::string answer) {
  return [answer = std::move(answer)](Peer& peer) {
    while (peer.Request() && peer.Send(answer)) {
    }
  };
}

/// Answers with the request itself.
void Echo(Peer& peer) {
  while (const auto request = peer.Request()) peer.Send(Answer(200, *request));
}

TEST(HttpClientTest, AsksAndReads) {
  ScriptedServer server(Always(Answer(
      203, "body", "Content-Type: text/plain\r\nETag: \"v1\"\r\nLast-Modified: yesterday\r\n")));
  Asker asker;
  const auto answer = asker.Ask(server.Url("/a"));
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->status, 203);
  EXPECT_EQ(answer->body, "body");
  EXPECT_EQ(answer->content_type, "text/plain");
  EXPECT_EQ(answer->etag, "\"v1\"");
  EXPECT_EQ(answer->last_modified, "yesterday");
  EXPECT_EQ(answer->retry_after, std::nullopt);
  EXPECT_GT(answer->took.count(), 0);
}

TEST(HttpClientTest, SaysWhatItIsTold) {
  ScriptedServer server(Echo);
  Asker asker({.user_agent = "a tester"});
  HttpRequest request = Asker::To(server.Url("/path?query=1"));
  request.method = "PUT";
  request.body = std::string("two\0parts", 9);
  request.headers = {{"Content-Type", "text/odd"}, {"X-Empty", ""}};
  const std::string heard = asker.Text(request);
  EXPECT_TRUE(heard.starts_with("PUT /path?query=1 HTTP/1.1\r\n")) << heard;
  EXPECT_NE(heard.find("\r\nUser-Agent: a tester\r\n"), std::string::npos) << heard;
  EXPECT_NE(heard.find("\r\nContent-Type: text/odd\r\n"), std::string::npos) << heard;
  EXPECT_NE(heard.find("\r\nX-Empty:\r\n"), std::string::npos) << heard;
  EXPECT_EQ(heard.find("Expect"), std::string::npos) << heard;
  EXPECT_TRUE(heard.ends_with(request.body)) << heard;
  const std::string plain = asker.Text(server.Url());
  EXPECT_TRUE(plain.starts_with("GET / HTTP/1.1\r\n")) << plain;
  EXPECT_EQ(plain.find("Content-"), std::string::npos) << plain;
  HttpRequest post = Asker::To(server.Url());
  post.method = "POST";
  EXPECT_NE(asker.Text(post).find("\r\nContent-Length: 0\r\n"), std::string::npos);
}

TEST(HttpClientTest, KeepsConnections) {
  ScriptedServer server(Echo);
  Asker asker;
  for (int i = 0; i < 5; ++i) EXPECT_NE(asker.Text(server.Url()), "");
  EXPECT_EQ(server.connections(), 1);
}

TEST(HttpClientTest, AsksManyAtOnceOverFewConnections) {
  ScriptedServer server(Echo);
  Asker asker({.max_connections = 64, .max_per_host = 4});
  std::vector<Asker::Pending> pending;
  for (int i = 0; i < 200; ++i) {
    pending.push_back(asker.Begin(Asker::To(server.Url("/" + std::to_string(i)))));
  }
  for (int i = 0; i < 200; ++i) {
    const auto answer = asker.End(std::move(pending[static_cast<size_t>(i)]));
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_TRUE(answer->body.starts_with("GET /" + std::to_string(i) + " ")) << answer->body;
  }
  EXPECT_LE(server.connections(), 4);
}

TEST(HttpClientTest, FollowsNobodyElsewhere) {
  ScriptedServer other(Echo);
  for (const int status : {301, 302, 303, 307, 308}) {
    ScriptedServer server(Always(Answer(status, "", "Location: " + other.Url() + "\r\n")));
    Asker asker;
    const auto answer = asker.Ask(server.Url());
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, status);
  }
  EXPECT_EQ(other.connections(), 0);
}

TEST(HttpClientTest, ReadsRetryAfter) {
  const auto after = [](const std::string& value) {
    ScriptedServer server(Always(Answer(429, "", "Retry-After: " + value + "\r\n")));
    return Asker().Ask(server.Url())->retry_after;
  };
  EXPECT_EQ(after("17"), 17s);
  EXPECT_EQ(after("0"), 0s);
  EXPECT_EQ(after("99999999999999999999"), 7 * 24h);
  EXPECT_EQ(after("Sun, 06 Nov 1994 08:49:37 GMT"), 0s);
  EXPECT_EQ(after("Fri, 31 Dec 2100 23:59:59 GMT"), 7 * 24h);
  EXPECT_EQ(after("-3"), std::nullopt);
  EXPECT_EQ(after("soon"), std::nullopt);
}

TEST(HttpClientTest, UnpacksWithinTheLimit) {
  const std::string text(100'000, 'x');
  const std::string gzip = "Content-Encoding: gzip\r\n";
  ScriptedServer server(Always(Answer(200, Gzipped(text), gzip)));
  ScriptedServer bomb(Always(Answer(200, Gzipped(std::string(50'000'000, '\0')), gzip)));
  ScriptedServer broken(Always(Answer(200, Gzipped(text).substr(0, 60) + "and so on", gzip)));
  Asker asker;
  HttpRequest request = Asker::To(server.Url());
  request.max_bytes = text.size();
  EXPECT_EQ(asker.Text(request), text);
  request.max_bytes = text.size() - 1;
  EXPECT_EQ(asker.Text(request), "too_large");
  EXPECT_EQ(asker.Text(bomb.Url()), "too_large");
  EXPECT_EQ(asker.Text(broken.Url()), "unreachable");
}

TEST(HttpClientTest, StopsReadingWhatIsTooLarge) {
  ScriptedServer endless([](Peer& peer) {
    peer.Request();
    peer.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (peer.Send("5\r\nwords\r\n")) {
    }
  });
  ScriptedServer announced(Always(Answer(200, std::string(9'000'000, 'x'))));
  ScriptedServer flood([](Peer& peer) {
    peer.Request();
    peer.Send("HTTP/1.1 200 OK\r\n");
    while (peer.Send("X-Again: and again\r\n")) {
    }
  });
  Asker asker;
  HttpRequest request = Asker::To(endless.Url());
  request.max_bytes = 100'000;
  EXPECT_EQ(asker.Text(request), "too_large");
  EXPECT_EQ(asker.Text(announced.Url()), "too_large");
  EXPECT_EQ(asker.Text(flood.Url()), "too_large");
}

TEST(HttpClientTest, TellsAnswersThatAreNone) {
  Asker asker;
  for (const char* bytes :
       {"", "garbage\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nten bytes.",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nConte",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    ScriptedServer server([&](Peer& peer) {
      peer.Request();
      peer.Send(bytes);
    });
    EXPECT_EQ(asker.Text(server.Url()), "unreachable") << bytes;
  }
}

TEST(HttpClientTest, GivesUpInTime) {
  ScriptedServer silent([](Peer& peer) { peer.AwaitEnd(); });
  ScriptedServer dripping([](Peer& peer) {
    peer.Request();
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfirst");
    peer.AwaitEnd();
  });
  Asker asker;
  for (const ScriptedServer* server : {&silent, &dripping}) {
    HttpRequest request = Asker::To(server->Url());
    request.timeout = 50ms;
    EXPECT_EQ(asker.Text(request), "timeout");
  }
}

TEST(HttpClientTest, GivesUpInTimeAlsoWhileWaitingForAConnection) {
  Gate gate;
  ScriptedServer server([&](Peer& peer) {
    peer.Request();
    gate.Wait();
    peer.Send(Answer(200, "late"));
  });
  Asker asker({.max_connections = 1, .max_per_host = 1});
  auto first = asker.Begin(Asker::To(server.Url()));
  HttpRequest request = Asker::To(server.Url());
  request.timeout = 50ms;
  EXPECT_EQ(asker.Text(request), "timeout");
  gate.Open();
  const auto answer = asker.End(std::move(first));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "late");
}

TEST(HttpClientTest, CancelsWithItsTransfer) {
  Gate asked;
  Gate ended;
  ScriptedServer server([&](Peer& peer) {
    peer.Request();
    asked.Open();
    peer.AwaitEnd();
    ended.Open();
  });
  Asker asker;
  auto pending = asker.Begin(Asker::To(server.Url()));
  asked.Wait();
  asker.loop().Run([&] { pending.transfer->reset(); });
  ended.Wait();
  // The promise goes unkept with the callback that was not called.
  EXPECT_THROW(pending.answer.get(), std::future_error);
}

TEST(HttpClientTest, CancelsWhatIsUnderWayWithItself) {
  Gate asked;
  ScriptedServer server([&](Peer& peer) {
    peer.Request();
    asked.Open();
    peer.AwaitEnd();
  });
  Asker asker;
  auto pending = asker.Begin(Asker::To(server.Url()));
  asked.Wait();
  asker.loop().Run([&] { asker.TakeClient().reset(); });
  EXPECT_THROW(pending.answer.get(), std::future_error);
  asker.loop().Run([&] { pending.transfer->reset(); });
}

TEST(HttpClientTest, LetsACallbackEndTheClient) {
  ScriptedServer server(Echo);
  Asker asker;
  const auto code = test::Await<std::string>([&](std::function<void(std::string)> done) {
    asker.loop().Run([&] {
      auto client = std::make_shared<std::unique_ptr<HttpClient>>(asker.TakeClient());
      auto transfer = std::make_shared<std::unique_ptr<HttpClient::Transfer>>();
      HttpClient& asked = **client;
      *transfer =
          asked.Send(Asker::To(server.Url()), [=](Result<HttpAnswer> answer) {
            client->reset();
            transfer->reset();
            done(answer ? "answered" : answer.error().code);
          });
    });
  });
  EXPECT_EQ(code, "answered");
}

TEST(HttpClientTest, RefusesWhatCannotBeSent) {
  Asker asker;
  for (const char* url : {"", "nothing", "ftp://127.0.0.1/", "file:///etc/passwd",
                          "http://127.0.0.1/ HTTP/1.1\r\nX: y", "gopher://127.0.0.1/"}) {
    EXPECT_EQ(asker.Text(std::string(url)), "bad_url") << url;
  }
  ScriptedServer server(Echo);
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"X", "a\r\nY: b"}, {"X", "a\nb"}, {"", "a"}, {"X Y", "a"}, {"X:", "a"}}) {
    HttpRequest request = Asker::To(server.Url());
    request.headers = {{name, value}};
    EXPECT_EQ(asker.Text(request), "bad_url") << name;
  }
  HttpRequest request = Asker::To(server.Url());
  request.method = "GET / HTTP/1.1\r\n";
  EXPECT_EQ(asker.Text(request), "bad_url");
  EXPECT_EQ(server.connections(), 0);
}

TEST(HttpClientTest, NeverAnswersInsideTheCall) {
  Asker asker;
  auto returned = std::make_shared<bool>(false);
  const auto late = test::Await<bool>([&](std::function<void(bool)> done) {
    asker.loop().Run([&] {
      auto transfer = std::make_shared<std::unique_ptr<HttpClient::Transfer>>();
      *transfer = asker.client().Send(Asker::To("nothing"), [=](Result<HttpAnswer>) {
        (void)transfer;
        done(*returned);
      });
      *returned = true;
    });
  });
  EXPECT_TRUE(late);
}

TEST(HttpClientTest, RefusesPrivateAddressesHoweverTheyAreWritten) {
  ScriptedServer server(Echo);
  const std::string port = ":" + std::to_string(server.port()) + "/";
  Asker asker;
  for (const char* host :
       {"127.0.0.1", "localhost", "LOCALHOST", "127.1", "2130706433", "0x7f000001", "0177.0.0.1",
        "0", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[::]",
        "169.254.169.254", "[fe80::1]", "10.0.0.1", "192.168.0.1", "100.64.0.1", "[fd00::1]",
        "[64:ff9b::127.0.0.1]", "224.0.0.1", "255.255.255.255"}) {
    HttpRequest request = Asker::To("http://" + std::string(host) + port);
    request.allow_private = false;
    EXPECT_EQ(asker.Text(request), "forbidden_address") << host;
  }
  EXPECT_EQ(server.connections(), 0);
  EXPECT_NE(asker.Text(server.Url()), "forbidden_address");
}

TEST(HttpClientTest, RefusesAPrivateAddressAlsoOverAConnectionThatIsThere) {
  ScriptedServer server(Echo);
  Asker asker;
  EXPECT_TRUE(asker.Ask(server.Url()));
  HttpRequest request = Asker::To(server.Url("/second"));
  request.allow_private = false;
  EXPECT_EQ(asker.Text(request), "forbidden_address");
}

TEST(HttpClientTest, GoesRoundTheProxiesOfTheEnvironment) {
  ScriptedServer proxy(Always(Answer(200, "by the proxy")));
  ScriptedServer server(Always(Answer(200, "itself")));
  for (const char* name : {"http_proxy", "ALL_PROXY", "all_proxy"}) {
    ::setenv(name, proxy.Url().c_str(), 1);
  }
  Asker asker;
  EXPECT_EQ(asker.Text(server.Url()), "itself");
  HttpRequest request = Asker::To(server.Url());
  request.allow_private = false;
  EXPECT_EQ(asker.Text(request), "forbidden_address");
  for (const char* name : {"http_proxy", "ALL_PROXY", "all_proxy"}) ::unsetenv(name);
  EXPECT_EQ(proxy.connections(), 0);
}

TEST(HttpClientTest, NamesNoSecretsInErrors) {
  uint16_t closed_port = 0;
  {
    ScriptedServer server(Echo);
    closed_port = server.port();
  }
  Asker asker;
  HttpRequest request = Asker::To("http://secret:secret@127.0.0.1:" + std::to_string(closed_port) +
                                  "/?token=secret");
  request.headers = {{"Authorization", "secret"}};
  for (const bool allow : {true, false}) {
    request.allow_private = allow;
    const auto answer = asker.Ask(request);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, allow ? "unreachable" : "forbidden_address");
    EXPECT_FALSE(answer.error().detail.empty());
    EXPECT_EQ(answer.error().detail.find("secret"), std::string::npos) << answer.error().detail;
  }
  request.url = "http://secret@:secret/?secret";
  EXPECT_EQ(asker.Ask(request).error().detail.find("secret"), std::string::npos);
}

TEST(HttpClientTest, TrustsOnlyWhomItIsTold) {
  test::TempDir directory;
  const std::string certificate = directory.File("certificate.pem");
  test::WriteCertificate(certificate, directory.File("key.pem"));
  ScriptedServer server(Echo, certificate, directory.File("key.pem"));
  EXPECT_EQ(Asker().Text(server.Url()), "unreachable");
  Asker trusting({.ca_file = certificate});
  EXPECT_TRUE(trusting.Text(server.Url("/tls")).starts_with("GET /tls HTTP/1.1"));
  EXPECT_TRUE(trusting.Text(server.Url("/again")).starts_with("GET /again HTTP/1.1"));
}

}  // namespace
}  // namespace trackwire::outbound
