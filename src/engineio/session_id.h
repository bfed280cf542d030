#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trackwire::engineio {

/// The secret name of a session: where it lives, and 128 random bits that nobody can guess.
///
/// Any thread.
struct SessionId {
  uint16_t shard = 0;
  uint32_t slot = 0;
  uint32_t generation = 0;
  std::array<char, 16> secret{};
  uint32_t owner = 0;  ///< number of the server among several; 0: one that stands alone

  /// Draws a new secret.
  static SessionId Make(uint16_t shard, uint32_t slot, uint32_t generation, uint32_t owner = 0);
  /// Undoes ToString(); nothing for any other text.
  static std::optional<SessionId> Parse(std::string_view text);
  /// 40 characters of the base64url alphabet.
  std::string ToString() const;
  /// Compares all of it in a time that does not depend on where the two differ.
  bool Equals(const SessionId& other) const;
};

}  // namespace trackwire::engineio
