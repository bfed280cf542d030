#pragma once

#include <sys/uio.h>

#include <string>
#include <string_view>

#include "net/connections.h"

namespace trackwire::net {

/// What one read of a socket takes at most.
inline constexpr size_t kReadBytes = 65'536;
/// What one connection may write in one turn before the others get theirs.
inline constexpr size_t kBytesPerTurn = 4'000'000;
/// The most that one TLS record says.
inline constexpr size_t kTlsRecordBytes = 16'384;

/// Room that the TLS connections of a shard use one after the other; nothing stays in it.
struct Connections::TlsScratch {
  char cipher_in[kReadBytes];
  char plain_out[kTlsRecordBytes];
  std::string cipher_out;
};

/// Goes through vectors in pieces that each fill a record: small ones are put together.
class Connections::TlsPieces {
 public:
  TlsPieces(const iovec* vectors, int count, char* scratch)
      : vector_(vectors), end_(vectors + count), scratch_(scratch) {}

  bool done() const { return vector_ == end_; }
  void Skip(size_t bytes);
  /// What comes next, good until the next call.
  std::string_view Next();

 private:
  std::string_view Rest() const {
    return {static_cast<const char*>(vector_->iov_base) + offset_, vector_->iov_len - offset_};
  }
  void Advance(size_t bytes);

  const iovec* vector_;
  const iovec* end_;
  size_t offset_ = 0;  // in the first vector
  char* scratch_;
};

/// What Encrypt() did.
struct Connections::TlsSent {
  bool whole = true;    ///< else the connection is doomed
  size_t plain = 0;     ///< bytes that were encrypted
  size_t last = 0;      ///< of these, those that share the last call of the kernel
};

}  // namespace trackwire::net
