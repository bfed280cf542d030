#pragma once

#include <openssl/ssl.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>

#include "base/clock.h"

namespace trackwire::net {

/// The keys under which clients keep their sessions for us, so that coming back costs no signature
/// and no key of one shard is unknown to another. Any thread.
///
/// A key seals tickets for a while and opens them for as long again; what an attacker finds later
/// opens no older ones. Spec: RFC 5077, RFC 8446 section 4.6.1.
class TlsTickets {
 public:
  /// How long a key seals, and the lifetime of a ticket.
  static constexpr std::chrono::hours kPeriod{6};

  explicit TlsTickets(const Clock& clock);
  ~TlsTickets();
  TlsTickets(const TlsTickets&) = delete;
  TlsTickets& operator=(const TlsTickets&) = delete;

  /// Has `context`, which must not outlive this, seal and open its tickets here.
  void Attach(SSL_CTX* context);

 private:
  struct Key {
    std::array<unsigned char, 16> name{};
    std::array<unsigned char, 32> cipher{};
    std::array<unsigned char, 32> mac{};
    Steady::time_point since{};
    bool made = false;
  };
  static int OnTicket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                      EVP_MAC_CTX* mac, int sealing);
  /// The key to seal with now; a new one when it is time.
  Key Current();
  /// The one of that name; `old` when another one seals now. Nothing when it is gone.
  bool Find(const unsigned char* name, Key& found, bool& old);
  void RotateWhenDue();

  const Clock& clock_;
  std::mutex mutex_;  // guards the keys between shards: two short looks a handshake, beside which
                      // no waiting could be measured
  Key current_;
  Key former_;
};

}  // namespace trackwire::net
