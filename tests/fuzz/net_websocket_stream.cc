// A peer's bytes after the opening: in one piece and in any pieces they make the same messages and
// the same error, those that a plain reading of RFC 6455 section 5 makes of them. The first byte
// says whose frames they are, when the sink says stop and how long a message may be, the second how
// the bytes are cut.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "net/websocket/decoder.h"
#include "net/websocket/opcode.h"
#include "tests/fuzz/pieces.h"
#include "tests/fuzz/slow_text.h"

using namespace trackwire;                  // NOLINT
using namespace trackwire::net::websocket;  // NOLINT

namespace {

struct Seen {
  enum class Kind : uint8_t { kText, kBinary, kPing, kPong, kClose };
  Kind kind;
  std::string payload;
  uint16_t code = 0;
  friend bool operator==(const Seen&, const Seen&) = default;
};

/// What came of a stream so far.
struct Outcome {
  std::vector<Seen> seen;
  std::optional<DecodeError> error;
  bool pending = false;
  bool in_message = false;
  size_t pending_bytes = 0;
};

struct Rules {
  bool masked = true;
  size_t max_message = 0;
  size_t stop_after = 0;
};

class Recorder final : public Decoder::Sink {
 public:
  Recorder(std::vector<Seen>& seen, size_t stop_after) : seen_(seen), stop_after_(stop_after) {}
  bool OnMessage(net::FrameKind kind, std::string_view payload) override {
    const bool text = kind == net::FrameKind::kText;
    return Add({text ? Seen::Kind::kText : Seen::Kind::kBinary, std::string(payload)});
  }
  bool OnPing(std::string_view payload) override {
    return Add({Seen::Kind::kPing, std::string(payload)});
  }
  bool OnPong(std::string_view payload) override {
    return Add({Seen::Kind::kPong, std::string(payload)});
  }
  bool OnClose(uint16_t code, std::string_view reason) override {
    Add({Seen::Kind::kClose, std::string(reason), code});
    return false;
  }

 private:
  bool Add(Seen one) {
    seen_.push_back(std::move(one));
    return seen_.size() != stop_after_;
  }
  std::vector<Seen>& seen_;
  size_t stop_after_;
};

/// Reads the stream frame by frame as the specification's figure shows them.
class Reference {
 public:
  Reference(std::string_view bytes, const Rules& rules) : rest_(bytes), rules_(rules) {}

  Outcome Run() {
    while (!rest_.empty() && Frame()) {
    }
    outcome_.in_message = fragments_.has_value();
    outcome_.pending = !rest_.empty() || outcome_.in_message;
    outcome_.pending_bytes = fragments_ ? fragments_->size() : 0;
    return outcome_;
  }

 private:
  struct Head {
    int opcode = 0;
    bool final = false;
    uint64_t length = 0;
    std::string key;
    size_t size = 0;
  };

  bool Fail(DecodeError error) {
    outcome_.error = error;
    return false;
  }
  /// Whether the first `count` bytes are there.
  bool Has(size_t count) const { return rest_.size() >= count; }
  int Byte(size_t at) const { return static_cast<uint8_t>(rest_[at]); }

  bool FirstByte(Head& head) {
    if ((Byte(0) & 0x70) != 0) return Fail(DecodeError::kReservedBits);
    head.opcode = Byte(0) & 0x0F;
    head.final = Byte(0) >= 0x80;
    static constexpr std::string_view kDefined("\x00\x01\x02\x08\x09\x0A", 6);
    if (kDefined.find(static_cast<char>(head.opcode)) == std::string_view::npos) {
      return Fail(DecodeError::kBadOpcode);
    }
    if (head.opcode >= 8 && !head.final) return Fail(DecodeError::kFragmentedControl);
    if (head.opcode == 0 && !fragments_) return Fail(DecodeError::kUnexpectedContinuation);
    if ((head.opcode == 1 || head.opcode == 2) && fragments_) {
      return Fail(DecodeError::kExpectedContinuation);
    }
    return true;
  }

  bool Length(Head& head) {
    const bool masked = Byte(1) >= 0x80;
    if (masked && !rules_.masked) return Fail(DecodeError::kMasked);
    if (!masked && rules_.masked) return Fail(DecodeError::kNotMasked);
    const int small = Byte(1) & 0x7F;
    if (head.opcode >= 8 && small > 125) return Fail(DecodeError::kControlTooLong);
    head.length = static_cast<uint64_t>(small);
    head.size = 2;
    if (small < 126) return true;
    const size_t bytes = small == 126 ? 2 : 8;
    if (bytes == 8 && Has(3) && Byte(2) >= 0x80) return Fail(DecodeError::kLengthTooBig);
    if (!Has(2 + bytes)) return false;
    head.length = 0;
    for (size_t i = 0; i < bytes; ++i) {
      head.length = head.length * 256 + static_cast<uint64_t>(Byte(2 + i));
    }
    head.size += bytes;
    if (head.length < (bytes == 2 ? 126U : 65'536U)) return Fail(DecodeError::kLengthNotMinimal);
    return true;
  }

  /// False when the stream stops inside the head, or at it.
  bool TakeHead(Head& head) {
    if (!FirstByte(head) || !Has(2) || !Length(head)) return false;
    const size_t before = fragments_ ? fragments_->size() : 0;
    if (head.opcode < 8 && before + head.length > rules_.max_message) {
      return Fail(DecodeError::kTooLarge);
    }
    if (rules_.masked) {
      if (!Has(head.size + 4)) return false;
      head.key = rest_.substr(head.size, 4);
      head.size += 4;
    }
    return true;
  }

  /// One frame; false when nothing follows it.
  bool Frame() {
    Head head;
    if (!TakeHead(head)) return false;
    const size_t here = std::min<uint64_t>(head.length, rest_.size() - head.size);
    std::string payload(rest_.substr(head.size, here));
    if (rules_.masked) {
      for (size_t i = 0; i < here; ++i) {
        payload[i] = static_cast<char>(payload[i] ^ head.key[i % 4]);
      }
    }
    const bool complete = here == head.length;
    if (head.opcode < 8) return Data(head, payload, complete);
    if (!complete) return false;
    rest_.remove_prefix(head.size + here);
    if (head.opcode == 8) return Close(payload);
    return Tell({head.opcode == 9 ? Seen::Kind::kPing : Seen::Kind::kPong, payload});
  }

  bool Data(const Head& head, const std::string& payload, bool complete) {
    if (head.opcode != 0) {
      fragments_.emplace();
      is_text_ = head.opcode == 1;
      checked_ = 0;
    }
    *fragments_ += payload;
    const Utf8 utf8 = is_text_ ? fuzz::SlowUtf8(*fragments_, checked_) : Utf8::kComplete;
    if (utf8 == Utf8::kBroken) return Fail(DecodeError::kBadUtf8);
    if (!complete) return false;
    rest_.remove_prefix(head.size + payload.size());
    if (!head.final) return true;
    if (utf8 != Utf8::kComplete) return Fail(DecodeError::kBadUtf8);
    const std::string message = std::move(*fragments_);
    fragments_.reset();
    return Tell({is_text_ ? Seen::Kind::kText : Seen::Kind::kBinary, message});
  }

  bool Close(const std::string& payload) {
    if (payload.empty()) return Tell({Seen::Kind::kClose, "", 1005}) && false;
    if (payload.size() == 1) return Fail(DecodeError::kBadClose);
    const int code = static_cast<uint8_t>(payload[0]) * 256 + static_cast<uint8_t>(payload[1]);
    const bool registered = code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
    if (!registered && (code < 3000 || code > 4999)) return Fail(DecodeError::kBadClose);
    if (!fuzz::SlowIsUtf8(payload.substr(2))) return Fail(DecodeError::kBadUtf8);
    Tell({Seen::Kind::kClose, payload.substr(2), static_cast<uint16_t>(code)});
    return false;
  }

  bool Tell(Seen one) {
    outcome_.seen.push_back(std::move(one));
    return outcome_.seen.size() != rules_.stop_after;
  }

  using Utf8 = fuzz::Utf8;

  std::string_view rest_;
  Rules rules_;
  Outcome outcome_;
  std::optional<std::string> fragments_;  // of the message that was begun
  bool is_text_ = false;
  size_t checked_ = 0;  // of it, as UTF-8
};

/// Feeds the decoder pieces in blocks of their own.
Outcome Decode(const Rules& rules, fuzz::Pieces pieces) {
  Outcome outcome;
  Recorder sink(outcome.seen, rules.stop_after);
  Decoder decoder(rules.max_message, rules.masked ? FramesOf::kClient : FramesOf::kServer);
  while (!pieces.empty() && !outcome.error) {
    fuzz::ExactCopy piece(pieces.Next());
    outcome.error = decoder.Feed(piece.data(), piece.size(), sink);
    CHECK(decoder.pending_bytes() <= rules.max_message);
    if (outcome.error) break;
  }
  outcome.pending = decoder.pending();
  outcome.in_message = decoder.in_message();
  outcome.pending_bytes = decoder.pending_bytes();
  return outcome;
}

/// A decoder that was told to stop, or found an error, says nothing of what it still holds.
bool Ended(const Outcome& outcome, const Rules& rules) {
  if (outcome.error || outcome.seen.empty()) return outcome.error.has_value();
  return outcome.seen.size() == rules.stop_after || outcome.seen.back().kind == Seen::Kind::kClose;
}

void CheckSame(const Outcome& outcome, const Outcome& expected, const Rules& rules) {
  CHECK(outcome.seen == expected.seen);
  CHECK(outcome.error == expected.error);
  if (Ended(expected, rules)) return;
  CHECK(outcome.pending == expected.pending);
  CHECK(outcome.in_message == expected.in_message);
  CHECK(outcome.pending_bytes == expected.pending_bytes);
}

/// What was read comes out of our own frames again.
void CheckWritten(const Seen& one, bool masked) {
  static constexpr Opcode kOpcodes[] = {Opcode::kText, Opcode::kBinary, Opcode::kPing,
                                        Opcode::kPong, Opcode::kClose};
  const Opcode opcode = kOpcodes[static_cast<size_t>(one.kind)];
  std::string payload = one.payload;
  std::string bytes;
  if (opcode == Opcode::kClose) {
    if (masked) return;
    bytes = CloseFrame(one.code == kCloseNoStatus ? 0 : one.code, payload);
  } else if (masked) {
    bytes = ClientFrame(opcode, payload, "\x01\x80\xfe\x37");
  } else {
    AppendServerHeader(bytes, opcode, payload.size());
    bytes += payload;
  }
  const Rules rules{masked, payload.size(), 0};
  const Outcome again = Decode(rules, fuzz::Pieces::Whole(bytes));
  CHECK(!again.error && again.seen.size() == 1 && again.seen[0] == one);
}

/// However long the reason, it is cut behind a character, and no more than it must be.
void CheckCloseReason(const std::string& reason) {
  const std::string frame = CloseFrame(1000, reason);
  const Outcome cut = Decode({false, 0, 0}, fuzz::Pieces::Whole(frame));
  CHECK(!cut.error && cut.seen.size() == 1 && reason.starts_with(cut.seen[0].payload));
  CHECK(cut.seen[0].payload.size() + 3 >= std::min<size_t>(reason.size(), 123));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const Rules rules{(data[0] & 1) == 0, (data[0] & 2) == 0 ? size_t{1'000'000} : data[0],
                    static_cast<size_t>(data[0] >> 2 & 7)};
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Outcome expected = Reference(bytes, rules).Run();

  CheckSame(Decode(rules, fuzz::Pieces::Whole(bytes)), expected, rules);
  CheckSame(Decode(rules, fuzz::Pieces(data[1], bytes)), expected, rules);
  for (const Seen& one : expected.seen) {
    CheckWritten(one, rules.masked);
    if (one.kind == Seen::Kind::kText) CheckCloseReason(one.payload);
  }
  return 0;
}
