#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/tls_context.h"
#include "net/tls_failure.h"

struct ssl_st;

namespace trackwire::net {

/// The server's side of one TLS connection between bytes and bytes; knows no socket.
///
/// Costs little before the first record is whole. Used by one thread at a time.
class TlsEngine {
 public:
  explicit TlsEngine(std::shared_ptr<const TlsContext> context);
  ~TlsEngine();
  TlsEngine(const TlsEngine&) = delete;
  TlsEngine& operator=(const TlsEngine&) = delete;

  enum class State : uint8_t {
    kFresh,      ///< nothing came
    kHandshake,  ///< amid it
    kOpen,
    kEnded,      ///< the client sends nothing more; we may
    kFailed,     ///< nothing more comes in or goes out
  };
  State state() const { return state_; }
  /// Whether the handshake is over and all went well so far.
  bool open() const { return state_ == State::kOpen || state_ == State::kEnded; }
  /// Of a failed one.
  TlsFailure failure() const { return failure_; }
  /// Of one that is open: whether a ticket spared it most of the handshake.
  bool resumed() const;

  /// How much is kept of a record that is not whole. Whole ones are never kept: what can be read
  /// was given out.
  size_t unfinished() const { return unfinished_.size(); }
  /// Puts that in front of what comes next, into `to`, and forgets it.
  size_t TakeUnfinished(char* to);
  /// Takes what came, behind what TakeUnfinished() gave. What it says is put into `plain`, which
  /// has as much room; how much that is. What must go back is appended to `answer`.
  size_t Receive(std::string_view cipher, char* plain, std::string& answer);
  /// Appends to `cipher` what is to be sent for `plain`. False, when it cannot be: the connection
  /// has failed then.
  bool Send(std::string_view plain, std::string& cipher);
  /// Says that nothing more is sent (close_notify), once.
  void End(std::string& cipher);

 private:
  struct Wire;

  bool Begin();
  /// Follows what the client says before it encrypts, in whole records.
  bool AnnouncesTooMuch(std::string_view records);
  size_t ReadRecords(std::string_view records, char* plain, std::string& answer);
  void Fail(TlsFailure failure);

  std::shared_ptr<const TlsContext> context_;  // until the first record
  std::shared_ptr<const TlsContext::Generation> generation_;
  std::unique_ptr<Wire> wire_;  // what OpenSSL reads from and writes to
  ssl_st* ssl_ = nullptr;
  std::string unfinished_;
  State state_ = State::kFresh;
  TlsFailure failure_ = TlsFailure::kProtocol;
  bool said_end_ = false;
  bool encrypts_ = false;         // the client, by now
  uint8_t header_bytes_ = 0;      // of a message of the handshake, that came
  uint32_t header_ = 0;
  uint32_t message_left_ = 0;     // bytes of the present one that did not come yet
};

}  // namespace trackwire::net
