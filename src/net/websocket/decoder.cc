#include "net/websocket/decoder.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>

#include "base/text.h"
#include "net/websocket/opcode.h"

namespace trackwire::net::websocket {
namespace {

constexpr size_t kMaxHeader = 14;

bool IsControl(Opcode opcode) { return (static_cast<uint8_t>(opcode) & 0x8) != 0; }

bool IsKnown(uint8_t opcode) { return opcode <= 0x2 || (opcode >= 0x8 && opcode <= 0xA); }

uint64_t BigEndian(const uint8_t* bytes, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i) value = value << 8 | bytes[i];
  return value;
}

}  // namespace

struct Decoder::Header {
  Opcode opcode = Opcode::kContinuation;
  bool final = false;
  uint8_t key[4] = {};
  uint64_t length = 0;
  size_t size = 0;  // of the header itself
};

/// What is remembered of a frame or message that is not complete.
struct Decoder::Partial {
  uint8_t head[kMaxHeader] = {};
  size_t head_size = 0;
  bool in_payload = false;
  Header header;
  uint64_t left = 0;        // of the frame's payload
  std::string control;      // payload of a control frame
  bool in_message = false;  // a data frame was begun, its final one is not complete
  FrameKind kind = FrameKind::kText;
  std::string message;
  base::Utf8Checker utf8;
};

uint16_t CloseCodeOf(DecodeError error) {
  if (error == DecodeError::kBadUtf8) return kCloseBadData;
  if (error == DecodeError::kTooLarge) return kCloseTooLarge;
  return kCloseProtocolError;
}

void Unmask(char* data, size_t size, const uint8_t key[4], size_t phase) {
  uint8_t pattern[8];
  for (size_t i = 0; i < 8; ++i) pattern[i] = key[(phase + i) & 3];
  uint64_t wide = 0;
  std::memcpy(&wide, pattern, sizeof(wide));
  size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    uint64_t word = 0;
    std::memcpy(&word, data + i, sizeof(word));
    word ^= wide;
    std::memcpy(data + i, &word, sizeof(word));
  }
  for (; i < size; ++i) data[i] = static_cast<char>(data[i] ^ pattern[i & 7]);
}

Decoder::Decoder(size_t max_message_bytes, FramesOf peer)
    : max_message_bytes_(static_cast<uint32_t>(
          std::min<size_t>(max_message_bytes, std::numeric_limits<uint32_t>::max()))),
      peer_(peer) {}

Decoder::~Decoder() = default;

bool Decoder::in_message() const { return partial_ != nullptr && partial_->in_message; }

size_t Decoder::pending_bytes() const { return partial_ == nullptr ? 0 : partial_->message.size(); }

bool Decoder::Fail(DecodeError error) {
  error_ = error;
  return false;
}

std::optional<DecodeError> Decoder::CheckHeader(const Header& header) const {
  const bool in_message = partial_ != nullptr && partial_->in_message;
  if (header.opcode == Opcode::kContinuation && !in_message) {
    return DecodeError::kUnexpectedContinuation;
  }
  if ((header.opcode == Opcode::kText || header.opcode == Opcode::kBinary) && in_message) {
    return DecodeError::kExpectedContinuation;
  }
  return std::nullopt;
}

/// Errors are found as early as the bytes allow: most of them in the first two.
Decoder::HeaderStatus Decoder::ReadHeader(const uint8_t* bytes, size_t size, Header& header) {
  const auto fail = [this](DecodeError error) {
    Fail(error);
    return HeaderStatus::kError;
  };
  if (size < 1) return HeaderStatus::kNeedMore;
  if (bytes[0] & 0x70) return fail(DecodeError::kReservedBits);
  if (!IsKnown(bytes[0] & 0x0F)) return fail(DecodeError::kBadOpcode);
  header.opcode = static_cast<Opcode>(bytes[0] & 0x0F);
  header.final = (bytes[0] & 0x80) != 0;
  if (IsControl(header.opcode) && !header.final) return fail(DecodeError::kFragmentedControl);
  if (auto error = CheckHeader(header)) return fail(*error);
  if (size < 2) return HeaderStatus::kNeedMore;
  const bool masked = (bytes[1] & 0x80) != 0;
  if (masked != (peer_ == FramesOf::kClient)) {
    return fail(masked ? DecodeError::kMasked : DecodeError::kNotMasked);
  }
  const uint8_t short_length = bytes[1] & 0x7F;
  if (IsControl(header.opcode) && short_length > kMaxControlPayload) {
    return fail(DecodeError::kControlTooLong);
  }
  const size_t extended = short_length == 126 ? 2 : short_length == 127 ? 8 : 0;
  if (extended == 8 && size > 2 && (bytes[2] & 0x80)) return fail(DecodeError::kLengthTooBig);
  if (size < 2 + extended) return HeaderStatus::kNeedMore;
  header.length = extended == 0 ? short_length : BigEndian(bytes + 2, extended);
  if ((extended == 2 && header.length < 126) || (extended == 8 && header.length <= 0xFFFF)) {
    return fail(DecodeError::kLengthNotMinimal);
  }
  const size_t gathered = partial_ != nullptr ? partial_->message.size() : 0;
  if (!IsControl(header.opcode) && header.length > max_message_bytes_ - gathered) {
    return fail(DecodeError::kTooLarge);
  }
  header.size = (masked ? 6 : 2) + extended;
  if (size < header.size) return HeaderStatus::kNeedMore;
  if (masked) std::memcpy(header.key, bytes + 2 + extended, 4);
  return HeaderStatus::kComplete;
}

std::optional<DecodeError> Decoder::Feed(char* data, size_t size, Sink& sink) {
  while (size > 0 && !stopped_ && !error_) {
    size_t used = 0;
    if (partial_ == nullptr) {
      Header header;
      const auto status = ReadHeader(reinterpret_cast<const uint8_t*>(data), size, header);
      if (status == HeaderStatus::kError) break;
      if (status == HeaderStatus::kComplete && header.final &&
          size - header.size >= header.length) {
        if (!WholeFrame(header, data + header.size, sink)) break;
        used = header.size + static_cast<size_t>(header.length);
      } else {
        partial_ = std::make_unique<Partial>();
      }
    }
    if (used == 0) used = FeedPartial(data, size, sink);
    data += used;
    size -= used;
  }
  return error_;
}

/// A frame of its own that lies in the buffer whole: nothing is copied.
bool Decoder::WholeFrame(const Header& header, char* payload, Sink& sink) {
  const auto size = static_cast<size_t>(header.length);
  Unmask(payload, size, header.key, 0);
  const std::string_view view(payload, size);
  if (IsControl(header.opcode)) return Control(header, view, sink);
  const auto kind = header.opcode == Opcode::kText ? FrameKind::kText : FrameKind::kBinary;
  if (kind == FrameKind::kText && !base::IsUtf8(view)) return Fail(DecodeError::kBadUtf8);
  stopped_ = !sink.OnMessage(kind, view);
  return !stopped_;
}

size_t Decoder::FeedHeader(const char* data, size_t size) {
  Partial& partial = *partial_;
  const size_t taken = std::min(size, kMaxHeader - partial.head_size);
  std::memcpy(partial.head + partial.head_size, data, taken);
  const size_t before = partial.head_size;
  partial.head_size += taken;
  if (ReadHeader(partial.head, partial.head_size, partial.header) != HeaderStatus::kComplete) {
    return taken;
  }
  const Header& header = partial.header;
  partial.left = header.length;
  partial.in_payload = true;
  if (header.opcode == Opcode::kText || header.opcode == Opcode::kBinary) {
    partial.in_message = true;
    partial.kind = header.opcode == Opcode::kText ? FrameKind::kText : FrameKind::kBinary;
  }
  return header.size - before;
}

size_t Decoder::FeedPartial(char* data, size_t size, Sink& sink) {
  size_t used = 0;
  if (!partial_->in_payload) {
    used = FeedHeader(data, size);
    if (error_ || !partial_->in_payload) return used;
  }
  Partial& partial = *partial_;
  const Header& header = partial.header;
  const auto portion = static_cast<size_t>(std::min<uint64_t>(partial.left, size - used));
  const std::string_view view(data + used, portion);
  Unmask(data + used, portion, header.key, static_cast<size_t>(header.length - partial.left) & 3);
  partial.left -= portion;
  used += portion;
  if (IsControl(header.opcode)) {
    partial.control.append(view);
  } else {
    if (partial.kind == FrameKind::kText && !partial.utf8.Feed(view)) {
      Fail(DecodeError::kBadUtf8);
      return used;
    }
    partial.message.append(view);
  }
  if (partial.left == 0) EndFrame(sink);
  return used;
}

void Decoder::EndFrame(Sink& sink) {
  Partial& partial = *partial_;
  const Header header = partial.header;
  partial.in_payload = false;
  partial.head_size = 0;
  if (IsControl(header.opcode)) {
    const std::string payload = std::move(partial.control);
    partial.control.clear();
    if (!partial.in_message) partial_.reset();
    Control(header, payload, sink);
    return;
  }
  if (!header.final) return;
  if (partial.kind == FrameKind::kText && !partial.utf8.complete()) {
    Fail(DecodeError::kBadUtf8);
    return;
  }
  const auto whole = std::move(partial_);
  stopped_ = !sink.OnMessage(whole->kind, whole->message);
}

bool Decoder::Control(const Header& header, std::string_view payload, Sink& sink) {
  if (header.opcode == Opcode::kClose) return Close(payload, sink);
  stopped_ = !(header.opcode == Opcode::kPing ? sink.OnPing(payload) : sink.OnPong(payload));
  return !stopped_;
}

bool Decoder::Close(std::string_view payload, Sink& sink) {
  if (payload.size() == 1) return Fail(DecodeError::kBadClose);
  uint16_t code = kCloseNoStatus;
  std::string_view reason;
  if (!payload.empty()) {
    code = static_cast<uint16_t>(static_cast<uint8_t>(payload[0]) << 8 |
                                 static_cast<uint8_t>(payload[1]));
    if (!IsSendableCloseCode(code)) return Fail(DecodeError::kBadClose);
    reason = payload.substr(2);
    if (!base::IsUtf8(reason)) return Fail(DecodeError::kBadUtf8);
  }
  stopped_ = !sink.OnClose(code, reason);
  return !stopped_;
}

}  // namespace trackwire::net::websocket
