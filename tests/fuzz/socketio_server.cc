// A whole server in memory and a script of what its clients do, one act a line:
//
//   o0  opens connection 0 (to 7), c0 closes it, e0 ends its sending, q0 stops reading from it
//   r0GET / ...  sends bytes as they are; \n, \r, \\ and \x1e stand for what they do in C
//   h0  opens a polling session over connection 0; sessions are called A, B, C ... as they come
//   g0A  polls for session A, p0A4hello  posts the body 4hello
//   w0  opens a WebSocket, w0A  one for session A
//   m040  sends the text frame 40, b0...  a binary frame, f001...  one whose first byte is 01
//   k5  from now on bytes go in pieces cut as the letter 5 says; kw: whole again
//   t12  lets 1.2 seconds pass
//   n  calls what handlers have kept, a  broadcasts, i  asks everyone, l  ends all sockets,
//   x  drains the server, d  destroys it with what is open
//
// Whatever they do: every byte to a client that kept to the protocol is right by it, what is owed
// is given once, what is told is told once, and nothing is left when all of them have gone.
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/log.h"
#include "tests/fuzz/hand_driven_server.h"
#include "tests/fuzz/scripted_client.h"
#include "tests/fuzz/scripted_program.h"

using namespace trackwire;        // NOLINT
using namespace trackwire::fuzz;  // NOLINT

namespace {

constexpr size_t kMaxActs = 150;
constexpr std::chrono::milliseconds kMaxTime = 200s;

class Script {
 public:
  Script() : server_([this](socketio::Server& server) { program_.Prepare(server); }) {}

  void Run(std::string_view text) {
    for (size_t acts = 0; !text.empty() && acts < kMaxActs && !destroyed_; ++acts) {
      const size_t end = std::min(text.find('\n'), text.size());
      Act(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
      for (const auto& link : links_) {
        if (link != nullptr) link->Drain(told_);
      }
    }
    if (!destroyed_) Leave();
  }

 private:
  void Act(std::string_view line) {
    if (line.empty()) return;
    const char verb = line[0];
    line.remove_prefix(1);
    if (OnServer(verb, line) || line.empty()) return;
    const auto number = static_cast<size_t>(line[0] - '0');
    if (verb == 'k') {
      cut_ = line[0] == 'w' ? std::nullopt : std::optional<uint8_t>(line[0]);
    } else if (number < links_.size()) {
      line.remove_prefix(1);
      OpenOrClose(verb, links_[number]);
      if (links_[number] != nullptr) OnLink(verb, *links_[number], line);
    }
  }

  bool OnServer(char verb, std::string_view line) {
    switch (verb) {
      case 't': {
        std::chrono::milliseconds by = 0ms;
        for (const char c : line.substr(0, 4)) {
          if (c >= '0' && c <= '9') by = by * 10 + 100ms * (c - '0');
        }
        by = std::min(by, kMaxTime - time_);
        time_ += by;
        server_->Advance(by);
        return true;
      }
      case 'n': server_->Do([this] { program_.CallKept(); }); return true;
      case 'a': server_->Do([this] { program_.Broadcast(); }); return true;
      case 'i': server_->Do([this] { program_.AskEveryone(); }); return true;
      case 'l': server_->Do([this] { program_.EndAll(); }); return true;
      case 'x':
        server_->server().Drain(1, {});
        server_->Settle();
        return true;
      case 'd':
        server_.reset();
        destroyed_ = true;
        return true;
      default: return false;
    }
  }

  void OpenOrClose(char verb, std::unique_ptr<Link>& link) {
    if (verb != 'o' && verb != 'c') return;
    link.reset();
    server_->Settle();
    if (verb == 'o') link = std::make_unique<Link>(server_->Connect());
  }

  void OnLink(char verb, Link& link, std::string_view line) {
    const char session = line.empty() ? '\0' : line[0];
    switch (verb) {
      case 'e': link.EndSending(); break;
      case 'q': link.ToggleReading(told_); break;
      case 'r':
        told_.exact = false;
        link.BecomeRaw();
        Send(link, Unescape(line));
        break;
      case 'h': Send(link, link.Handshake()); break;
      case 'g': Send(link, link.Poll(told_.Sid(session), session)); break;
      case 'p':
        if (!line.empty()) line.remove_prefix(1);
        Send(link, link.Post(told_.Sid(session), Unescape(line), told_));
        break;
      case 'w': Send(link, link.Upgrade(told_.Sid(session), session)); break;
      case 'm': Send(link, link.Frame(0x81, Unescape(line), told_)); break;
      case 'b': Send(link, link.Frame(0x82, Unescape(line), told_)); break;
      case 'f': {
        const std::string payload = Unescape(line.substr(std::min<size_t>(2, line.size())));
        Send(link, link.Frame(HexByte(line.substr(0, 2)), payload, told_));
        break;
      }
      default: break;
    }
    server_->Settle();
  }

  void Send(Link& link, const std::string& bytes) {
    const bool small = bytes.size() <= 300;
    Pieces pieces = cut_ && small ? Pieces(*cut_ == '0' ? 0 : *cut_, bytes) : Pieces::Whole(bytes);
    while (!pieces.empty() && link.Write(pieces.Next())) server_->Settle();
  }

  /// All clients go, and time passes until the server must have noticed.
  void Leave() {
    for (auto& link : links_) link.reset();
    server_->Settle();
    server_->Do([this] { program_.CallKept(); });
    server_->Advance(120s, 5s);
    server_->CheckEmpty();
    program_.CheckDone();
  }

  Program program_;
  Told told_;
  std::optional<HandDrivenServer> server_;
  std::array<std::unique_ptr<Link>, 8> links_;
  std::optional<uint8_t> cut_;
  std::chrono::milliseconds time_{};
  bool destroyed_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const bool quiet = [] {
    base::ConfigureLog(base::LogLevel::kOff, base::LogFormat::kText);
    return true;
  }();
  CHECK(quiet);
  Script().Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
