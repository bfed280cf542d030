// WebSocket frames of clients: taking them apart, unmasking.
#include <benchmark/benchmark.h>

#include <cstring>
#include <vector>

#include "base/check.h"
#include "micro/sample.h"
#include "net/frame.h"
#include "net/websocket/decoder.h"
#include "net/websocket/opcode.h"

namespace trackwire::bench {
namespace {

constexpr size_t kMaxMessageBytes = 1'000'000;
constexpr const char* kMask = "\x5a\xa5\x3c\xc3";

struct Counter final : net::websocket::Decoder::Sink {
  bool OnMessage(net::FrameKind, std::string_view payload) override {
    bytes += payload.size();
    return true;
  }
  bool OnPing(std::string_view) override { return true; }
  bool OnPong(std::string_view) override { return true; }
  bool OnClose(uint16_t, std::string_view) override { return true; }
  size_t bytes = 0;
};

// The decoder unmasks in place, so each round takes a fresh copy: its cost is in the figure.
void Decode(benchmark::State& state, const std::string& payload, size_t portion) {
  const std::string frame = net::websocket::ClientFrame(net::websocket::Opcode::kText, payload,
                                                        std::string_view(kMask, 4));
  std::vector<char> bytes(frame.size());
  Counter counter;
  net::websocket::Decoder decoder(kMaxMessageBytes);
  for (auto _ : state) {
    std::memcpy(bytes.data(), frame.data(), frame.size());
    for (size_t at = 0; at < bytes.size(); at += portion) {
      CHECK(!decoder.Feed(bytes.data() + at, std::min(portion, bytes.size() - at), counter));
    }
  }
  CHECK(counter.bytes == payload.size() * static_cast<size_t>(state.iterations()));
  state.SetBytesProcessed(static_cast<int64_t>(payload.size()) * state.iterations());
}

void WebSocketDecodePong(benchmark::State& state) { Decode(state, "3", kMaxMessageBytes); }
BENCHMARK(WebSocketDecodePong);

void WebSocketDecodeEvent(benchmark::State& state) {
  Decode(state, R"(42["broadcast",)" + SamplePosition() + "]", kMaxMessageBytes);
}
BENCHMARK(WebSocketDecodeEvent);

void WebSocketDecodeInPortions(benchmark::State& state) {
  Decode(state, R"(42["broadcast",)" + SamplePosition() + "]", 100);
}
BENCHMARK(WebSocketDecodeInPortions);

void WebSocketUnmask(benchmark::State& state) {
  std::vector<char> bytes(static_cast<size_t>(state.range(0)), 'x');
  const uint8_t key[4] = {0x5a, 0xa5, 0x3c, 0xc3};
  for (auto _ : state) {
    net::websocket::Unmask(bytes.data(), bytes.size(), key, 1);
    benchmark::DoNotOptimize(bytes.data());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.range(0) * state.iterations());
}
BENCHMARK(WebSocketUnmask)->Arg(16)->Arg(256)->Arg(65'536);

void WebSocketEncodeFrame(benchmark::State& state) {
  const std::string payload = R"(42["tracker_location_updated",)" + SamplePosition() + "]";
  for (auto _ : state) {
    auto frame = net::EncodedFrame::Make(net::FrameKind::kText, payload);
    benchmark::DoNotOptimize(frame);
  }
  state.SetBytesProcessed(static_cast<int64_t>(payload.size()) * state.iterations());
}
BENCHMARK(WebSocketEncodeFrame);

}  // namespace
}  // namespace trackwire::bench
