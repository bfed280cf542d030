// Long-polling bodies: a plain splitting of the body gives the same packets, and these written
// again give the same body. The first byte says how long a written body may be, for the cut of one
// into several.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "engineio/packet.h"
#include "tests/fuzz/pieces.h"
#include "tests/fuzz/slow_text.h"

using namespace trackwire;            // NOLINT
using namespace trackwire::engineio;  // NOLINT

namespace {

struct Expected {
  int type = 4;
  bool binary = false;
  std::string data;
};

/// One packet by the table of the specification.
std::optional<Expected> SlowPacket(const std::string& text) {
  if (text.empty()) return std::nullopt;
  if (text[0] == 'b') {
    const auto bytes = fuzz::SlowBase64(text.substr(1));
    if (!bytes) return std::nullopt;
    return Expected{4, true, *bytes};
  }
  if (text[0] < '0' || text[0] > '6') return std::nullopt;
  return Expected{text[0] - '0', false, text.substr(1)};
}

std::optional<std::vector<Expected>> SlowPayload(const std::string& body) {
  if (!fuzz::SlowIsUtf8(body)) return std::nullopt;
  std::vector<Expected> packets;
  std::string text;
  for (size_t i = 0; i <= body.size(); ++i) {
    if (i < body.size() && body[i] != '\x1e') {
      text += body[i];
      continue;
    }
    const auto packet = SlowPacket(text);
    if (!packet) return std::nullopt;
    packets.push_back(*packet);
    text.clear();
  }
  return packets;
}

void CheckSame(const Packet& packet, const Expected& expected) {
  CHECK(static_cast<int>(packet.type) == expected.type);
  CHECK((packet.kind == net::FrameKind::kBinary) == expected.binary);
  CHECK(packet.data() == expected.data);
}

std::shared_ptr<const net::EncodedFrame> Encode(const Packet& packet) {
  if (packet.type == PacketType::kMessage) return EncodeMessage(packet.kind, packet.data());
  std::string text(1, static_cast<char>('0' + static_cast<int>(packet.type)));
  text += packet.data();
  return net::EncodedFrame::Make(net::FrameKind::kText, text);
}

/// Bodies of at most `limit` bytes, unless a single packet is longer, which together say the same.
void CheckWritten(std::string_view body,
                  const std::vector<std::shared_ptr<const net::EncodedFrame>>& frames,
                  size_t limit) {
  std::string together;
  for (size_t next = 0; next < frames.size();) {
    PayloadWriter writer(limit);
    const size_t first = next;
    while (next < frames.size() && writer.Add(*frames[next])) ++next;
    CHECK(next > first && !writer.empty());
    const std::string part = writer.Take();
    CHECK(part.size() <= limit || next == first + 1);
    CHECK(PayloadReader::Check(part));
    // Nothing is put off that would have fitted.
    if (next < frames.size()) {
      const size_t end = body.find('\x1e', together.size() + part.size() + 1 + !together.empty());
      CHECK(std::min(end, body.size()) - together.size() - !together.empty() > limit);
    }
    if (!together.empty()) together += '\x1e';
    together += part;
  }
  CHECK(together == body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const fuzz::ExactCopy copy({reinterpret_cast<const char*>(data) + 1, size - 1});

  const auto single = SlowPacket(std::string(copy.view()));
  const auto decoded = DecodePacket(copy.view());
  CHECK(decoded.has_value() == single.has_value());
  if (decoded) CheckSame(*decoded, *single);

  const auto expected = SlowPayload(std::string(copy.view()));
  CHECK(PayloadReader::Check(copy.view()).has_value() == expected.has_value());
  if (!expected) return 0;
  PayloadReader reader(copy.view());
  std::vector<std::shared_ptr<const net::EncodedFrame>> frames;
  for (const Expected& one : *expected) {
    Packet packet;
    CHECK(reader.Next(packet));
    CheckSame(packet, one);
    frames.push_back(Encode(packet));
  }
  Packet none;
  CHECK(!reader.Next(none));
  CheckWritten(copy.view(), frames, copy.size());
  CheckWritten(copy.view(), frames, data[0]);
  return 0;
}
