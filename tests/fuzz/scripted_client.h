#pragma once

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/json_scanner.h"
#include "engineio/packet.h"
#include "net/unique_fd.h"
#include "net/websocket/decoder.h"
#include "net/websocket/opcode.h"
#include "socketio/packet.h"
#include "tests/fuzz/pieces.h"

namespace trackwire::fuzz {

inline int HexDigit(char c) {
  const size_t digit = std::string_view("0123456789abcdef").find(c);
  return digit == std::string_view::npos ? 0 : static_cast<int>(digit);
}
inline uint8_t HexByte(std::string_view digits) {
  if (digits.size() < 2) return 0;
  return static_cast<uint8_t>(HexDigit(digits[0]) * 16 + HexDigit(digits[1]));
}

/// Undoes \n, \r, \\ and \xHH; anything else stands for itself.
inline std::string Unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const char next = text[i] == '\\' && i + 1 < text.size() ? text[i + 1] : '\0';
    if (next == 'n' || next == 'r' || next == '\\') {
      out += next == 'n' ? '\n' : next == 'r' ? '\r' : '\\';
      i += 1;
    } else if (next == 'x' && i + 3 < text.size()) {
      out += static_cast<char>(HexByte(text.substr(i + 2, 2)));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// What the server told all clients of a script, checked as it comes.
class Told {
 public:
  /// Whether nothing went past the acts whose effects are known.
  bool exact = true;
  /// Whether the ids of all events that ask for an answer are known.
  bool knows_ids = true;

  /// Of session A, B, ...; empty when there is none.
  std::string Sid(char session) const {
    const auto index = static_cast<size_t>(session - 'A');
    return index < sids_.size() ? sids_[index] : std::string();
  }

  /// A client sends a packet of a session.
  void Sends(std::string_view packet) {
    if (!packet.starts_with('4')) return;
    const auto event = socketio::DecodePacket(packet.substr(1), {});
    if (event && !event->id.empty()) ++asked_[Key(*event)];
  }

  /// A text packet came; the session it belongs to, which an open packet begins.
  char Text(char session, std::string_view text) {
    const auto packet = engineio::DecodePacket(text);
    CHECK(packet.has_value() && packet->kind == net::FrameKind::kText);
    switch (packet->type) {
      case engineio::PacketType::kOpen: return Open(packet->data());
      case engineio::PacketType::kMessage: Message(session, packet->data()); break;
      case engineio::PacketType::kPong: CHECK(packet->data() == "probe"); break;
      case engineio::PacketType::kUpgrade: CHECK(false); break;
      default: CHECK(packet->data().empty()); break;
    }
    return session;
  }
  void Binary(char session) {
    if (exact) CHECK(owed_[session]-- > 0);
  }

  /// For bytes that nobody takes apart.
  void FindSids(std::string_view bytes) {
    static constexpr std::string_view kBegin = R"(0{"sid":")";
    for (size_t at; (at = bytes.find(kBegin)) != std::string_view::npos;) {
      bytes.remove_prefix(at + kBegin.size());
      const size_t end = bytes.find('"');
      if (end == std::string_view::npos) return;
      if (bytes.substr(end).starts_with(R"(","upgrades")")) {
        sids_.emplace_back(bytes.substr(0, end));
      }
    }
  }

 private:
  static std::string Key(const socketio::Packet& packet) {
    return std::string(packet.nsp) + " " + std::string(packet.id);
  }

  char Open(std::string_view json) {
    const auto open = base::ScanJson(json);
    CHECK(open && open->is_object());
    const auto sid = base::FindMember(*open, "sid");
    CHECK(sid && sid->is_string() && base::FindMember(*open, "maxPayload"));
    sids_.push_back(base::DecodeJsonString(sid->text));
    return static_cast<char>('A' + sids_.size() - 1);
  }

  /// Every packet is one, its attachments come before the next, and no id is answered twice.
  void Message(char session, std::string_view text) {
    const auto packet =
        socketio::DecodePacket(text, {.max_attachments = 1000, .max_json_depth = 70});
    CHECK(packet.has_value());
    if (!exact) return;
    uint32_t& owed = owed_[session];
    CHECK(owed == 0);
    owed = packet->attachments;
    const bool ack = packet->type == socketio::PacketType::kAck ||
                     packet->type == socketio::PacketType::kBinaryAck;
    if (ack && knows_ids) CHECK(asked_[Key(*packet)]-- > 0);
  }

  std::vector<std::string> sids_;
  std::map<char, uint32_t> owed_;    // attachments
  std::map<std::string, int> asked_;  // events with this namespace and id
};

/// One connection of a client, which takes apart what the server sends.
class Link {
 public:
  explicit Link(net::UniqueFd fd) : fd_(std::move(fd)) {}

  void EndSending() { ::shutdown(fd_.get(), SHUT_WR); }
  void ToggleReading(Told& told) {
    told.exact = false;
    reading_ = !reading_;
  }
  /// From now on nobody knows what its bytes mean.
  void BecomeRaw() { raw_ = true; }

  /// False when the server takes no more, or is gone.
  bool Write(std::string_view bytes) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent == static_cast<ssize_t>(bytes.size())) return true;
    if (sent > 0 || errno == EAGAIN) BecomeRaw();
    return false;
  }

  std::string Handshake() { return Request(What::kHandshake, '\0', "GET", "polling", {}, {}); }
  std::string Poll(const std::string& sid, char session) {
    return Request(What::kPoll, session, "GET", "polling", sid, {});
  }
  std::string Post(const std::string& sid, const std::string& body, Told& told) {
    std::string_view rest = body;
    for (size_t end = 0; end != std::string_view::npos;) {
      end = rest.find('\x1e');
      told.Sends(rest.substr(0, end));
      if (end != std::string_view::npos) rest.remove_prefix(end + 1);
    }
    const std::string length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return Request(What::kPost, '\0', "POST", "polling", sid, length) + body;
  }
  std::string Upgrade(const std::string& sid, char session) {
    return Request(What::kUpgrade, session, "GET", "websocket", sid,
                   "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
  }
  std::string Frame(uint8_t first, const std::string& payload, Told& told) {
    if (!websocket_) BecomeRaw();
    if (first == 0x81) {
      told.Sends(payload);
    } else if (first != 0x82) {
      told.knows_ids = false;
    }
    std::string frame =
        net::websocket::ClientFrame(net::websocket::Opcode::kText, payload, "\x37\xfa\x21\x3d");
    frame[0] = static_cast<char>(first);
    return frame;
  }

  /// Takes what came.
  void Drain(Told& told) {
    if (!reading_) return;
    char buffer[16'384];
    for (ssize_t got; (got = ::recv(fd_.get(), buffer, sizeof(buffer), 0)) > 0;) {
      received_.append(buffer, static_cast<size_t>(got));
    }
    if (raw_) {
      told.FindSids(received_);
      received_.clear();
      return;
    }
    while (!websocket_ && TakeAnswer(told)) {
    }
    if (websocket_) TakeFrames(told);
  }

 private:
  enum class What : uint8_t { kHandshake, kPoll, kPost, kUpgrade };
  struct Asked {
    What what;
    char session;
  };

  class Sink final : public net::websocket::Decoder::Sink {
   public:
    Sink(Told& told, char& session) : told_(told), session_(session) {}
    bool OnMessage(net::FrameKind kind, std::string_view payload) override {
      if (kind == net::FrameKind::kBinary) {
        told_.Binary(session_);
      } else {
        session_ = told_.Text(session_, payload);
      }
      return true;
    }
    bool OnPing(std::string_view) override { return true; }
    bool OnPong(std::string_view) override { return true; }
    bool OnClose(uint16_t, std::string_view) override { return false; }

   private:
    Told& told_;
    char& session_;
  };

  std::string Request(What what, char session, const std::string& method,
                      const std::string& transport, const std::string& sid,
                      const std::string& fields) {
    if (websocket_) BecomeRaw();
    asked_.push_back({what, session});
    const std::string with_sid = sid.empty() && what != What::kPoll && what != What::kPost
                                     ? ""
                                     : "&sid=" + (sid.empty() ? "none" : sid);
    return method + " /socket.io/?EIO=4&transport=" + transport + with_sid +
           " HTTP/1.1\r\nHost: server.test\r\n" + fields + "\r\n";
  }

  /// One answer to a request of ours; false when none is there whole.
  bool TakeAnswer(Told& told) {
    const size_t end = received_.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const std::string head = received_.substr(0, end + 2);
    CHECK(head.starts_with("HTTP/1.1 ") && head.size() > 13);
    const int status = std::stoi(head.substr(9, 3));
    CHECK(!asked_.empty());
    if (status == 101) {
      CHECK(asked_.front().what == What::kUpgrade);
      session_ = asked_.front().session;
      websocket_ = true;
      received_.erase(0, end + 4);
      return false;
    }
    static constexpr std::string_view kLength = "\r\nContent-Length: ";
    const size_t length_at = head.find(kLength);
    CHECK(length_at != std::string::npos);
    const size_t length = std::stoul(head.substr(length_at + kLength.size()));
    if (received_.size() < end + 4 + length) return false;
    const std::string body = received_.substr(end + 4, length);
    received_.erase(0, end + 4 + length);
    const Asked asked = asked_.front();
    asked_.pop_front();
    CheckAnswer(asked, status, body, told);
    return true;
  }

  void CheckAnswer(const Asked& asked, int status, const std::string& body, Told& told) {
    if (status != 200) {
      CHECK(status == 400 || status == 413 || status == 503 || status == 403);
      if (body.starts_with('{')) CHECK(base::ScanJson(body).has_value());
      return;
    }
    CHECK(asked.what != What::kUpgrade);
    if (asked.what == What::kPost) {
      CHECK(body == "ok");
      return;
    }
    CHECK(engineio::PayloadReader::Check(body).has_value());
    engineio::PayloadReader reader(body);
    char session = asked.session;
    for (engineio::Packet packet; reader.Next(packet);) {
      if (packet.kind == net::FrameKind::kBinary) {
        told.Binary(session);
        continue;
      }
      std::string text(1, static_cast<char>('0' + static_cast<int>(packet.type)));
      text += packet.data();
      session = told.Text(session, text);
    }
  }

  void TakeFrames(Told& told) {
    ExactCopy bytes(received_);
    received_.clear();
    Sink sink(told, session_);
    CHECK(!decoder_.Feed(bytes.data(), bytes.size(), sink));
  }

  net::UniqueFd fd_;
  bool reading_ = true;
  bool raw_ = false;
  bool websocket_ = false;
  char session_ = '\0';
  std::deque<Asked> asked_;
  std::string received_;
  net::websocket::Decoder decoder_{1'000'000, net::websocket::FramesOf::kServer};
};

}  // namespace trackwire::fuzz
