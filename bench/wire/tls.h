#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <string>

#include "base/result.h"

struct ssl_ctx_st;
struct ssl_st;

namespace trackwire::bench {

using TlsContext = std::shared_ptr<ssl_ctx_st>;

/// For clients of servers on this machine: takes whatever certificate the server shows.
TlsContext MakeClientContext();
/// For a floor with this certificate and key, in PEM files. Errors: `tls`.
Result<TlsContext> MakeServerContext(const std::string& certificate, const std::string& key);

/// TLS over a connected socket that somebody else owns. Its calls answer as those of sockets do,
/// errno included, so that they can take the place of recv() and send(). Not thread-safe.
class TlsStream {
 public:
  enum class Role { kClient, kServer };
  enum class Handshaking { kDone, kWantsRead, kWantsWrite, kFailed };

  /// `fd` must outlive the stream.
  TlsStream(const TlsContext& context, int fd, Role role);
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  /// Goes on with the handshake as far as the socket allows.
  Handshaking Handshake();
  /// As recv() and send(): 0 at the end, -1 with errno EAGAIN when the socket is to be waited for.
  /// After a Write() that gave EAGAIN the same bytes must come again, more behind them or not.
  ssize_t Read(char* bytes, size_t size);
  ssize_t Write(const char* bytes, size_t size);
  /// Whether bytes are read that no Read() has given out: epoll does not tell of them.
  bool has_pending() const;

 private:
  ssize_t Outcome(int result);

  ssl_st* ssl_;
};

}  // namespace trackwire::bench
