// Socket.IO packets and Engine.IO bodies, in and out.
#include <benchmark/benchmark.h>

#include "base/check.h"
#include "engineio/packet.h"
#include "micro/sample.h"
#include "socketio/namespace.h"
#include "socketio/packet.h"

namespace trackwire::bench {
namespace {

constexpr size_t kBodyBytes = 100'000;
constexpr int kPacketsInBody = 32;

void SetBytes(benchmark::State& state, size_t bytes) {
  state.SetBytesProcessed(static_cast<int64_t>(bytes) * state.iterations());
}

void DecodeEvent(benchmark::State& state, const std::string& text) {
  const socketio::PacketLimits limits;
  for (auto _ : state) {
    auto packet = socketio::DecodePacket(text, limits);
    CHECK(packet);
    benchmark::DoNotOptimize(packet);
  }
  SetBytes(state, text.size());
}

void SocketIoDecodeEvent(benchmark::State& state) {
  DecodeEvent(state, R"(2["broadcast",)" + SamplePosition() + "]");
}
BENCHMARK(SocketIoDecodeEvent);

void SocketIoDecodeEventWithAck(benchmark::State& state) {
  DecodeEvent(state, R"(2/fleet,17["subscribe",{"trackers":["a","b",7]}])");
}
BENCHMARK(SocketIoDecodeEventWithAck);

void SocketIoEncodeEvent(benchmark::State& state) {
  const socketio::Args args{SamplePosition(), {}};
  for (auto _ : state) {
    auto frame = socketio::EncodeEvent("/", "tracker_location_updated", args.json,
                                       "e.1767268800000-0", {});
    benchmark::DoNotOptimize(frame);
  }
  SetBytes(state, args.json.size());
}
BENCHMARK(SocketIoEncodeEvent);

void EngineIoEncodeMessage(benchmark::State& state) {
  const std::string payload = R"(2["tracker_location_updated",)" + SamplePosition() + "]";
  for (auto _ : state) {
    auto frame = engineio::EncodeMessage(net::FrameKind::kText, payload);
    benchmark::DoNotOptimize(frame);
  }
  SetBytes(state, payload.size());
}
BENCHMARK(EngineIoEncodeMessage);

std::string MakeBody() {
  engineio::PayloadWriter writer(kBodyBytes);
  const auto frame = engineio::EncodeMessage(
      net::FrameKind::kText, R"(2["tracker_location_updated",)" + SamplePosition() + "]");
  for (int i = 0; i < kPacketsInBody; ++i) CHECK(writer.Add(*frame));
  return writer.Take();
}

void EngineIoReadPayload(benchmark::State& state) {
  const std::string body = MakeBody();
  for (auto _ : state) {
    CHECK(engineio::PayloadReader::Check(body));
    engineio::PayloadReader reader(body);
    engineio::Packet packet;
    int packets = 0;
    while (reader.Next(packet)) ++packets;
    CHECK(packets == kPacketsInBody);
  }
  SetBytes(state, body.size());
}
BENCHMARK(EngineIoReadPayload);

void EngineIoWritePayload(benchmark::State& state) {
  size_t bytes = 0;
  for (auto _ : state) {
    std::string body = MakeBody();
    bytes = body.size();
    benchmark::DoNotOptimize(body);
  }
  SetBytes(state, bytes);
}
BENCHMARK(EngineIoWritePayload);

}  // namespace
}  // namespace trackwire::bench
