// The answer to the opening of a WebSocket, and frames after it as a server sends them.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "net/websocket/decoder.h"
#include "outbound/websocket_opening.h"

using namespace trackwire;  // NOLINT

namespace {

class Sink final : public net::websocket::Decoder::Sink {
 public:
  bool OnMessage(net::FrameKind, std::string_view payload) override {
    CHECK(payload.size() <= kMaxMessage);
    return true;
  }
  bool OnPing(std::string_view payload) override {
    CHECK(payload.size() <= 125);
    return true;
  }
  bool OnPong(std::string_view) override { return true; }
  bool OnClose(uint16_t, std::string_view) override { return false; }

  static constexpr size_t kMaxMessage = 1'000;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto opened = outbound::ReadOpening(bytes, "dGhlIHNhbXBsZSBub25jZQ==");
  if (!opened || !*opened) return 0;
  CHECK(**opened <= size);
  std::string frames(bytes.substr(**opened));
  net::websocket::Decoder decoder(Sink::kMaxMessage, net::websocket::FramesOf::kServer);
  Sink sink;
  // In two portions, so that headers and payloads are cut.
  const size_t half = frames.size() / 2;
  const auto error = decoder.Feed(frames.data(), half, sink);
  if (!error) decoder.Feed(frames.data() + half, frames.size() - half, sink);
  return 0;
}
