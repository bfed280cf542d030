#include "wire/websocket.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <strings.h>

#include <array>
#include <cstring>

namespace trackwire::bench {
namespace {

constexpr uint8_t kFin = 0x80;
constexpr uint8_t kReserved = 0x70;
constexpr uint8_t kMasked = 0x80;
constexpr size_t kMaskBytes = 4;
constexpr std::string_view kAcceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

bool IsKnown(uint8_t opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

void ApplyMask(std::span<char> payload, const char* mask) {
  for (size_t i = 0; i < payload.size(); ++i) payload[i] ^= mask[i % kMaskBytes];
}

// Bytes of the extended length that follow the two fixed ones.
size_t ExtendedBytes(uint8_t length) { return length == 127 ? 8 : length == 126 ? 2 : 0; }

uint64_t ReadBigEndian(std::span<const char> bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

void AppendHeader(std::string& out, Opcode opcode, size_t size, uint8_t mask_bit) {
  out.push_back(static_cast<char>(kFin | static_cast<uint8_t>(opcode)));
  const uint8_t length = size < 126 ? static_cast<uint8_t>(size) : size <= 0xFFFF ? 126 : 127;
  out.push_back(static_cast<char>(mask_bit | length));
  for (size_t shift = ExtendedBytes(length); shift > 0; --shift) {
    out.push_back(static_cast<char>(size >> (8 * (shift - 1))));
  }
}

}  // namespace

ParsedFrame ParseFrame(std::span<char> bytes, size_t max_payload) {
  if (bytes.size() < 2) return {};
  const auto first = static_cast<uint8_t>(bytes[0]);
  const auto second = static_cast<uint8_t>(bytes[1]);
  const uint8_t opcode = first & 0x0F;
  if ((first & kFin) == 0 || (first & kReserved) != 0 || opcode == 0 || !IsKnown(opcode)) {
    return {.state = FrameState::kBroken, .payload = {}};
  }
  const bool masked = (second & kMasked) != 0;
  const uint8_t length = second & 0x7F;
  const size_t extended = ExtendedBytes(length);
  const size_t header = 2 + extended + (masked ? kMaskBytes : 0);
  if (bytes.size() < header) return {};
  const uint64_t size = extended == 0 ? length : ReadBigEndian(bytes.subspan(2, extended));
  if (size > max_payload) return {.state = FrameState::kBroken, .payload = {}};
  if (bytes.size() < header + size) return {};
  const std::span<char> payload = bytes.subspan(header, size);
  if (masked) ApplyMask(payload, bytes.data() + header - kMaskBytes);
  return {.state = FrameState::kComplete,
          .opcode = static_cast<Opcode>(opcode),
          .payload = {payload.data(), payload.size()},
          .size = header + static_cast<size_t>(size)};
}

void AppendFrame(std::string& out, Opcode opcode, std::string_view payload) {
  AppendHeader(out, opcode, payload.size(), 0);
  out.append(payload);
}

void AppendMaskedFrame(std::string& out, Opcode opcode, std::string_view payload, uint32_t mask) {
  AppendHeader(out, opcode, payload.size(), kMasked);
  std::array<char, kMaskBytes> bytes{};
  std::memcpy(bytes.data(), &mask, kMaskBytes);
  out.append(bytes.data(), kMaskBytes);
  const size_t start = out.size();
  out.append(payload);
  ApplyMask(std::span(out).subspan(start), bytes.data());
}

std::string AcceptKey(std::string_view key) {
  std::string text(key);
  text += kAcceptSuffix;
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  // Four characters for each three bytes, and the terminating zero that OpenSSL writes.
  std::array<unsigned char, 4 * ((SHA_DIGEST_LENGTH + 2) / 3) + 1> encoded{};
  const int size = EVP_EncodeBlock(encoded.data(), digest.data(), SHA_DIGEST_LENGTH);
  return {reinterpret_cast<const char*>(encoded.data()), static_cast<size_t>(size)};
}

std::string_view HeaderValue(std::string_view head, std::string_view name) {
  while (!head.empty()) {
    const size_t end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end == std::string_view::npos ? head.size() : end + 2);
    const size_t colon = line.find(':');
    if (colon != name.size() || strncasecmp(line.data(), name.data(), colon) != 0) continue;
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    while (!value.empty() && value.back() == ' ') value.remove_suffix(1);
    return value;
  }
  return {};
}

}  // namespace trackwire::bench
