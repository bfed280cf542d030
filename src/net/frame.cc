#include "net/frame.h"

#include "net/websocket/opcode.h"

namespace trackwire::net {

std::shared_ptr<EncodedFrame> EncodedFrame::New() {
  struct Public : EncodedFrame {};
  return std::make_shared<Public>();
}

std::shared_ptr<const EncodedFrame> EncodedFrame::Make(FrameKind kind, std::string_view payload,
                                                       const Options& options) {
  const auto opcode =
      kind == FrameKind::kText ? websocket::Opcode::kText : websocket::Opcode::kBinary;
  auto frame = New();
  frame->bytes_.reserve(websocket::kMaxServerHeader + payload.size());
  websocket::AppendServerHeader(frame->bytes_, opcode, payload.size());
  frame->header_size_ = static_cast<uint8_t>(frame->bytes_.size());
  frame->bytes_.append(payload);
  frame->options_ = options;
  frame->kind_ = kind;
  return frame;
}

std::shared_ptr<const EncodedFrame> EncodedFrame::Make(FrameKind kind, std::string_view payload) {
  return Make(kind, payload, Options{});
}

std::shared_ptr<const EncodedFrame> EncodedFrame::Raw(std::string bytes) {
  auto frame = New();
  frame->bytes_ = std::move(bytes);
  frame->kind_ = FrameKind::kBinary;
  return frame;
}

}  // namespace trackwire::net
