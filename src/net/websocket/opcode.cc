#include "net/websocket/opcode.h"

#include <algorithm>

#include "base/check.h"

namespace trackwire::net::websocket {

void AppendServerHeader(std::string& out, Opcode opcode, size_t payload_size) {
  const uint64_t size = payload_size;
  out.push_back(static_cast<char>(0x80 | static_cast<uint8_t>(opcode)));
  int length_bytes = 0;
  if (size <= kMaxControlPayload) {
    out.push_back(static_cast<char>(size));
  } else if (size <= 0xFFFF) {
    out.push_back(126);
    length_bytes = 2;
  } else {
    out.push_back(127);
    length_bytes = 8;
  }
  for (int shift = (length_bytes - 1) * 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(size >> shift));
  }
}

std::string ControlFrame(Opcode opcode, std::string_view payload) {
  CHECK(payload.size() <= kMaxControlPayload);
  std::string frame;
  AppendServerHeader(frame, opcode, payload.size());
  frame.append(payload);
  return frame;
}

std::string CloseFrame(uint16_t code, std::string_view reason) {
  if (code == 0) return ControlFrame(Opcode::kClose, {});
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code)};
  size_t size = std::min(reason.size(), kMaxControlPayload - payload.size());
  if (size < reason.size()) {
    while (size > 0 && (static_cast<uint8_t>(reason[size]) & 0xC0) == 0x80) --size;
  }
  payload.append(reason.substr(0, size));
  return ControlFrame(Opcode::kClose, payload);
}

std::string ClientFrame(Opcode opcode, std::string_view payload, std::string_view key) {
  CHECK(key.size() == 4);
  std::string frame;
  AppendServerHeader(frame, opcode, payload.size());
  frame[1] = static_cast<char>(frame[1] | 0x80);
  frame.append(key);
  for (size_t i = 0; i < payload.size(); ++i) {
    frame.push_back(static_cast<char>(payload[i] ^ key[i & 3]));
  }
  return frame;
}

bool IsSendableCloseCode(uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}

}  // namespace trackwire::net::websocket
