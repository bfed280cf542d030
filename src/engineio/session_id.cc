#include "engineio/session_id.h"

#include <cstring>

#include "base/text.h"

namespace trackwire::engineio {
namespace {

constexpr size_t kBytes = 30;

using Packed = std::array<char, kBytes>;

Packed Pack(const SessionId& id) {
  Packed bytes;
  std::memcpy(bytes.data(), &id.owner, 4);
  std::memcpy(bytes.data() + 4, &id.shard, 2);
  std::memcpy(bytes.data() + 6, &id.slot, 4);
  std::memcpy(bytes.data() + 10, &id.generation, 4);
  std::memcpy(bytes.data() + 14, id.secret.data(), id.secret.size());
  return bytes;
}

}  // namespace

SessionId SessionId::Make(uint16_t shard, uint32_t slot, uint32_t generation, uint32_t owner) {
  SessionId id{shard, slot, generation, {}, owner};
  const std::string random = base::RandomBytes(id.secret.size());
  std::memcpy(id.secret.data(), random.data(), id.secret.size());
  return id;
}

std::optional<SessionId> SessionId::Parse(std::string_view text) {
  if (text.size() != kBytes / 3 * 4) return std::nullopt;
  const auto bytes = base::Base64UrlDecode(text);
  if (!bytes || bytes->size() != kBytes) return std::nullopt;
  SessionId id;
  std::memcpy(&id.owner, bytes->data(), 4);
  std::memcpy(&id.shard, bytes->data() + 4, 2);
  std::memcpy(&id.slot, bytes->data() + 6, 4);
  std::memcpy(&id.generation, bytes->data() + 10, 4);
  std::memcpy(id.secret.data(), bytes->data() + 14, id.secret.size());
  return id;
}

std::string SessionId::ToString() const {
  const Packed bytes = Pack(*this);
  return base::Base64UrlEncode({bytes.data(), bytes.size()});
}

bool SessionId::Equals(const SessionId& other) const {
  const Packed a = Pack(*this);
  const Packed b = Pack(other);
  unsigned difference = 0;
  for (size_t i = 0; i < kBytes; ++i) difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  return difference == 0;
}

}  // namespace trackwire::engineio
