#include "outbound/websocket_client.h"

#include <gtest/gtest.h>

#include <future>
#include <mutex>

#include "net/websocket/decoder.h"
#include "net/websocket/handshake.h"
#include "net/websocket/opcode.h"
#include "outbound/websocket_opening.h"
#include "tests/support/await.h"
#include "tests/support/certificate.h"
#include "tests/support/scripted_server.h"
#include "tests/support/temp_dir.h"

namespace trackwire::outbound {
namespace {

using net::websocket::Opcode;
using test::Gate;
using test::Peer;
using test::ScriptedServer;
using namespace std::chrono_literals;

std::string KeyOf(const std::string& request) {
  const std::string name = "Sec-WebSocket-Key: ";
  const size_t at = request.find(name);
  if (at == std::string::npos) return "";
  return request.substr(at + name.size(), request.find("\r\n", at) - at - name.size());
}

std::string Opened(const std::string& request) {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: upgrade\r\n"
         "Sec-WebSocket-Accept: " +
         net::websocket::AcceptValue(KeyOf(request)) + "\r\n\r\n";
}

std::string Frame(Opcode opcode, std::string_view payload) {
  std::string frame;
  net::websocket::AppendServerHeader(frame, opcode, payload.size());
  return frame.append(payload);
}

/// What a client says, frame by frame, as a server reads it.
class ClientFrames final : public net::websocket::Decoder::Sink {
 public:
  explicit ClientFrames(Peer& peer) : peer_(peer) {}
  /// `text:hello`, `ping:`, `close:1000`; empty at the end of the connection.
  std::string Next() {
    while (heard_.empty()) {
      std::string bytes = peer_.Receive();
      if (bytes.empty() || decoder_.Feed(bytes.data(), bytes.size(), *this)) return "";
    }
    const std::string first = heard_.front();
    heard_.erase(heard_.begin());
    return first;
  }

 private:
  bool OnMessage(net::FrameKind, std::string_view payload) override { return Note("text:", payload); }
  bool OnPing(std::string_view payload) override { return Note("ping:", payload); }
  bool OnPong(std::string_view payload) override { return Note("pong:", payload); }
  bool OnClose(uint16_t code, std::string_view) override {
    return Note("close:", std::to_string(code));
  }
  bool Note(std::string kind, std::string_view payload) {
    heard_.push_back(kind.append(payload));
    return true;
  }

  Peer& peer_;
  net::websocket::Decoder decoder_{1'000'000};
  std::vector<std::string> heard_;
};

/// A client on a loop of its own; what happens to it is written down.
class Line {
 public:
  explicit Line(WebSocketRequest request) {
    loop_.Start();
    loop_.Run([&] {
      client_ = OpenWebSocket(loop_, std::move(request),
                              {[this] { Note("open"); },
                               [this](std::string_view text) { Note("got " + std::string(text)); },
                               [this](Error error) { Note("end " + error.code); }});
      EXPECT_TRUE(events().empty());
    });
  }
  ~Line() {
    Close();
    loop_.Stop();
  }

  static WebSocketRequest To(const ScriptedServer& server, const std::string& path = "/") {
    WebSocketRequest request;
    request.url = "ws" + server.Url(path).substr(4);
    request.allow_private = true;
    request.timeout = 30s;
    return request;
  }

  void Close() {
    loop_.Run([&] { client_.reset(); });
  }
  bool Send(const std::string& text) {
    bool sent = false;
    loop_.Run([&] { sent = client_->Send(text); });
    return sent;
  }
  std::vector<std::string> events() const {
    const std::lock_guard lock(mutex_);
    return events_;
  }
  /// All that happened, once it has ended.
  std::vector<std::string> UntilEnd() {
    EXPECT_TRUE(test::Until([&] {
      const auto so_far = events();
      return !so_far.empty() && so_far.back().starts_with("end ");
    }));
    return events();
  }
  void UntilHeard(size_t count) {
    EXPECT_TRUE(test::Until([&] { return events().size() >= count; }));
  }

 private:
  void Note(const std::string& what) {
    const std::lock_guard lock(mutex_);
    events_.push_back(what);
  }

  net::Loop loop_{"line"};
  mutable std::mutex mutex_;
  std::vector<std::string> events_;
  std::unique_ptr<WebSocketClient> client_;
};

using Events = std::vector<std::string>;

TEST(WebSocketClientTest, OpensAndTalks) {
  std::promise<std::string> asked;
  std::promise<Events> heard;
  ScriptedServer server([&](Peer& peer) {
    const std::string request = peer.Request().value_or("");
    asked.set_value(request);
    // The first message comes with the answer.
    peer.Send(Opened(request) + Frame(Opcode::kText, "first"));
    ClientFrames frames(peer);
    Events said{frames.Next()};
    peer.Send(Frame(Opcode::kPing, "are you there"));
    said.push_back(frames.Next());
    peer.Send(Frame(Opcode::kBinary, "ignored") + Frame(Opcode::kText, std::string(70'000, 'x')));
    said.push_back(frames.Next());
    said.push_back(frames.Next());
    heard.set_value(said);
  });
  WebSocketRequest request = Line::To(server, "/api/socket?token=secret");
  request.headers = {{"X-Header", "value"}};
  Line line(request);
  const std::string opening = asked.get_future().get();
  EXPECT_TRUE(opening.starts_with("GET /api/socket?token=secret HTTP/1.1\r\nHost: 127.0.0.1:" +
                                  std::to_string(server.port()) + "\r\n"))
      << opening;
  EXPECT_NE(opening.find("\r\nX-Header: value\r\n"), std::string::npos);
  line.UntilHeard(2);
  EXPECT_TRUE(line.Send("hello"));
  line.UntilHeard(3);
  EXPECT_EQ(line.events(), (Events{"open", "got first", "got " + std::string(70'000, 'x')}));
  line.Close();
  EXPECT_EQ(heard.get_future().get(),
            (Events{"text:hello", "pong:are you there", "close:1000", ""}));
}

TEST(WebSocketClientTest, EndsWithTheServer) {
  const std::map<std::string, std::string> ends{
      {Frame(Opcode::kClose, std::string("\x03\xe9", 2)), "closed"},
      {"", "closed"},
      {std::string("\x81\x05he", 4), "closed"},                       // cut inside a frame
      {std::string("\x81\x81\0\0\0\0x", 7), "bad_message"},           // masked
      {std::string("\xc1\x01x", 3), "bad_message"},                   // a reserved bit
      {std::string("\x81\x01\xff", 3), "bad_message"},                // not UTF-8
      {std::string("\x80\x01x", 3), "bad_message"},                   // continues nothing
      {std::string("\x81\x7f\0\0\0\0\x10\0\0\0", 10), "too_large"}};  // 256 MB
  for (const auto& [bytes, code] : ends) {
    ScriptedServer server([&bytes = bytes](Peer& peer) {
      const auto request = peer.Request();
      if (request) peer.Send(Opened(*request) + bytes);
    });
    Line line(Line::To(server));
    EXPECT_EQ(line.UntilEnd(), (Events{"open", "end " + code})) << code;
    EXPECT_FALSE(line.Send("anybody"));
  }
}

TEST(WebSocketClientTest, TellsAnswersThatOpenNothing) {
  const std::string accept = "Sec-WebSocket-Accept: ";
  const std::map<std::string, std::string> answers{
      {test::Answer(401, "no"), "unauthorized"},
      {test::Answer(403, "no"), "unauthorized"},
      {test::Answer(503, "no"), "bad_status"},
      {test::Answer(302, "", "Location: /elsewhere\r\n"), "bad_status"},
      {test::Answer(200, "hello"), "bad_status"},
      {"garbage\r\n\r\n", "bad_message"},
      {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
       "bad_message"},
      {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
           accept + "c29tZWJvZHkgZWxzZSdzIGtleQ==\r\n\r\n",
       "bad_message"},
      {"HTTP/1.1 101 ", "unreachable"},
      {"", "unreachable"},
      {"HTTP/1.1 101 S\r\nX: " + std::string(20'000, 'x'), "too_large"}};
  for (const auto& [answer, code] : answers) {
    ScriptedServer server([&answer = answer](Peer& peer) {
      peer.Request();
      peer.Send(answer);
    });
    Line line(Line::To(server));
    EXPECT_EQ(line.UntilEnd(), (Events{"end " + code})) << answer;
  }
}

TEST(WebSocketClientTest, GivesUpOnSilence) {
  ScriptedServer mute([](Peer& peer) { peer.AwaitEnd(); });
  WebSocketRequest request = Line::To(mute);
  request.timeout = 50ms;
  Line opening(request);
  EXPECT_EQ(opening.UntilEnd(), (Events{"end timeout"}));

  std::promise<std::string> pinged;
  ScriptedServer silent([&](Peer& peer) {
    const auto opened = peer.Request();
    peer.Send(Opened(*opened));
    pinged.set_value(ClientFrames(peer).Next());
    peer.AwaitEnd();
  });
  request = Line::To(silent);
  request.silence = 50ms;
  Line line(request);
  EXPECT_EQ(line.UntilEnd(), (Events{"open", "end timeout"}));
  EXPECT_EQ(pinged.get_future().get(), "ping:");
}

TEST(WebSocketClientTest, StaysWithAServerThatOnlyPongs) {
  Gate done;
  ScriptedServer server([&](Peer& peer) {
    const auto opened = peer.Request();
    peer.Send(Opened(*opened));
    ClientFrames frames(peer);
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(frames.Next(), "ping:");
      peer.Send(Frame(Opcode::kPong, ""));
    }
    peer.Send(Frame(Opcode::kText, "still here"));
    done.Wait();
  });
  WebSocketRequest request = Line::To(server);
  request.silence = 40ms;
  Line line(request);
  line.UntilHeard(2);
  EXPECT_EQ(line.events()[1], "got still here");
  line.Close();
  done.Open();
}

TEST(WebSocketClientTest, ObeysTheRulesOfAddresses) {
  ScriptedServer server([](Peer& peer) { peer.AwaitEnd(); });
  for (const std::string host : {"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0"}) {
    WebSocketRequest request;
    request.url = "ws://" + host + ":" + std::to_string(server.port()) + "/";
    Line line(request);
    EXPECT_EQ(line.UntilEnd(), (Events{"end forbidden_address"})) << host;
  }
  EXPECT_EQ(server.connections(), 0);
  for (const char* url : {"", "http://127.0.0.1/", "ws://", "ws://a b/", "file:///etc/passwd"}) {
    WebSocketRequest request;
    request.url = url;
    Line line(request);
    EXPECT_EQ(line.UntilEnd(), (Events{"end bad_url"})) << url;
  }
  WebSocketRequest request = Line::To(server);
  request.headers = {{"X", "a\r\nY: b"}};
  Line line(request);
  EXPECT_EQ(line.UntilEnd(), (Events{"end bad_url"}));
}

TEST(WebSocketClientTest, SpeaksOverTls) {
  test::TempDir directory;
  const std::string certificate = directory.File("certificate.pem");
  test::WriteCertificate(certificate, directory.File("key.pem"));
  ScriptedServer server(
      [](Peer& peer) {
        const auto request = peer.Request();
        if (!request) return;
        peer.Send(Opened(*request));
        ClientFrames frames(peer);
        // More than one record of TLS, and more than is read in one turn.
        peer.Send(Frame(Opcode::kText, frames.Next() + std::string(600'000, 'x')));
        frames.Next();
      },
      certificate, directory.File("key.pem"));
  WebSocketRequest request = Line::To(server);
  request.url = "wss" + server.Url().substr(5);
  {
    Line distrusting(request);
    EXPECT_EQ(distrusting.UntilEnd(), (Events{"end unreachable"}));
  }
  request.ca_file = certificate;
  Line line(request);
  line.UntilHeard(1);
  EXPECT_TRUE(line.Send("hello"));
  line.UntilHeard(2);
  EXPECT_EQ(line.events()[1], "got text:hello" + std::string(600'000, 'x'));
}

TEST(WebSocketClientTest, MayBeDestroyedByWhatItTells) {
  ScriptedServer server([](Peer& peer) {
    const auto request = peer.Request();
    peer.Send(Opened(*request) + Frame(Opcode::kText, "one") + Frame(Opcode::kText, "two"));
    peer.AwaitEnd();
  });
  for (const std::string when : {"open", "message"}) {
    net::Loop loop("destroyer");
    loop.Start();
    std::unique_ptr<WebSocketClient> client;
    std::promise<void> destroyed;
    Events events;
    const auto note = [&](const std::string& what) {
      events.push_back(what);
      if (what != when) return;
      client.reset();
      destroyed.set_value();
    };
    loop.Run([&] {
      client = OpenWebSocket(loop, Line::To(server),
                             {[&] { note("open"); }, [&](std::string_view) { note("message"); },
                              [&](Error) { note("end"); }});
    });
    destroyed.get_future().wait();
    loop.Stop();
    EXPECT_EQ(events, when == "open" ? Events{"open"} : (Events{"open", "message"}));
  }
}

TEST(WebSocketOpeningTest, ReadsTheAnswerAtEverySplitPoint) {
  const std::string key = "dGhlIHNhbXBsZSBub25jZQ==";  // the example of RFC 6455 section 1.3
  const std::string answer =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
  for (size_t size = 0; size < answer.size(); ++size) {
    const auto read = ReadOpening(std::string_view(answer).substr(0, size), key);
    ASSERT_TRUE(read) << size << read.error().detail;
    EXPECT_FALSE(read->has_value()) << size;
  }
  EXPECT_EQ(ReadOpening(answer + "frames", key).value(), answer.size());
}

}  // namespace
}  // namespace trackwire::outbound
