#include "net/tls_engine.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "net/tls_generation.h"
#include "net/tls_handles.h"

namespace trackwire::net {
namespace {

constexpr size_t kHeaderBytes = 5;
/// The most that a record may announce (TLS 1.2, RFC 5246 section 6.2.3); OpenSSL refuses longer
/// ones by their header.
constexpr size_t kMaxRecordBytes = (1u << 14) + 2048;
constexpr char kHandshakeRecord = 22;
constexpr uint32_t kClientHello = 1;
constexpr size_t kMessageHeaderBytes = 4;
/// Of a ClientHello: several times what any client sends.
constexpr uint32_t kMaxHelloBytes = 16'380;

/// How much of `bytes` is whole records, or such as are refused before they are whole.
size_t WholeRecords(std::string_view bytes) {
  size_t whole = 0;
  while (bytes.size() - whole >= kHeaderBytes) {
    const auto high = static_cast<unsigned char>(bytes[whole + 3]);
    const auto low = static_cast<unsigned char>(bytes[whole + 4]);
    const size_t size = size_t{high} << 8 | low;
    if (size > kMaxRecordBytes) return bytes.size();
    if (bytes.size() - whole < kHeaderBytes + size) break;
    whole += kHeaderBytes + size;
  }
  return whole;
}

TlsFailure FailureOf(unsigned long error) {
  if (ERR_GET_LIB(error) != ERR_LIB_SSL) return TlsFailure::kProtocol;
  const int reason = ERR_GET_REASON(error);
  // Alerts of the client.
  if (reason >= SSL_AD_REASON_OFFSET) return TlsFailure::kAlert;
  switch (reason) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_UNKNOWN_PROTOCOL:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_INAPPROPRIATE_FALLBACK:
      return TlsFailure::kVersion;
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_SHARED_GROUPS:
    case SSL_R_NO_SUITABLE_GROUPS:
    case SSL_R_NO_SUITABLE_KEY_SHARE:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
      return TlsFailure::kCipher;
    case SSL_R_NO_APPLICATION_PROTOCOL:
      return TlsFailure::kAlpn;
    default:
      return TlsFailure::kProtocol;
  }
}

}  // namespace

/// Only during a call of the engine is there anything in it.
struct TlsEngine::Wire {
  std::string_view in;
  std::string* out = nullptr;

  static int Read(BIO* bio, char* to, int size) {
    auto* wire = static_cast<Wire*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (wire->in.empty()) {
      BIO_set_retry_read(bio);
      return -1;
    }
    const size_t taken = std::min(wire->in.size(), static_cast<size_t>(size));
    std::memcpy(to, wire->in.data(), taken);
    wire->in.remove_prefix(taken);
    return static_cast<int>(taken);
  }
  static int Write(BIO* bio, const char* from, int size) {
    auto* wire = static_cast<Wire*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (wire->out == nullptr) return -1;
    wire->out->append(from, static_cast<size_t>(size));
    return size;
  }
  static long Control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static BIO_METHOD* Method() {
    static const TlsHandle<BIO_METHOD> method = [] {
      TlsHandle<BIO_METHOD> made(
          BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "trackwire wire"));
      CHECK(made != nullptr);
      BIO_meth_set_read(made.get(), &Wire::Read);
      BIO_meth_set_write(made.get(), &Wire::Write);
      BIO_meth_set_ctrl(made.get(), &Wire::Control);
      return made;
    }();
    return method.get();
  }
};

TlsEngine::TlsEngine(std::shared_ptr<const TlsContext> context) : context_(std::move(context)) {}

TlsEngine::~TlsEngine() { SSL_free(ssl_); }

bool TlsEngine::resumed() const { return ssl_ != nullptr && SSL_session_reused(ssl_) == 1; }

void TlsEngine::Fail(TlsFailure failure) {
  state_ = State::kFailed;
  failure_ = failure;
  std::string().swap(unfinished_);
}

/// What costs anything is made only for who has sent as much as TLS begins with.
bool TlsEngine::Begin() {
  generation_ = std::exchange(context_, nullptr)->current();
  wire_ = std::make_unique<Wire>();
  const TlsErrors errors;
  TlsHandle<BIO> bio(BIO_new(Wire::Method()));
  ssl_ = SSL_new(generation_->context.get());
  if (bio == nullptr || ssl_ == nullptr) {
    Fail(TlsFailure::kProtocol);
    return false;
  }
  BIO_set_data(bio.get(), wire_.get());
  BIO_set_init(bio.get(), 1);
  BIO* both = bio.release();
  SSL_set_bio(ssl_, both, both);
  SSL_set_accept_state(ssl_);
  return true;
}

size_t TlsEngine::TakeUnfinished(char* to) {
  const size_t size = unfinished_.size();
  std::memcpy(to, unfinished_.data(), size);
  std::string().swap(unfinished_);
  return size;
}

/// OpenSSL makes room for the 128 KiB that a ClientHello may announce before any of it has come.
bool TlsEngine::AnnouncesTooMuch(std::string_view records) {
  while (!encrypts_ && records.size() >= kHeaderBytes) {
    encrypts_ = records[0] != kHandshakeRecord;
    const size_t size = size_t{static_cast<unsigned char>(records[3])} << 8 |
                        static_cast<unsigned char>(records[4]);
    std::string_view bytes = records.substr(kHeaderBytes, size);
    records.remove_prefix(kHeaderBytes + bytes.size());
    while (!encrypts_ && !bytes.empty()) {
      if (message_left_ > 0) {
        const size_t skipped = std::min<size_t>(message_left_, bytes.size());
        message_left_ -= static_cast<uint32_t>(skipped);
        bytes.remove_prefix(skipped);
        continue;
      }
      header_ = header_ << 8 | static_cast<unsigned char>(bytes[0]);
      bytes.remove_prefix(1);
      if (++header_bytes_ < kMessageHeaderBytes) continue;
      header_bytes_ = 0;
      message_left_ = header_ & 0xFF'FFFF;
      if (header_ >> 24 == kClientHello && message_left_ > kMaxHelloBytes) return true;
    }
  }
  return false;
}

size_t TlsEngine::Receive(std::string_view cipher, char* plain, std::string& answer) {
  if (cipher.empty() || state_ == State::kFailed || state_ == State::kEnded) return 0;
  if (state_ == State::kFresh) {
    const char first = cipher.front();
    const bool letter = first >= 'A' && first <= 'Z';
    state_ = State::kHandshake;
    if (first != kHandshakeRecord) Fail(letter ? TlsFailure::kPlainHttp : TlsFailure::kNotTls);
  }
  const size_t whole = WholeRecords(cipher);
  size_t got = 0;
  if (state_ != State::kFailed && AnnouncesTooMuch(cipher.substr(0, whole))) {
    Fail(TlsFailure::kProtocol);
  }
  if (whole > 0 && state_ != State::kFailed && (ssl_ != nullptr || Begin())) {
    got = ReadRecords(cipher.substr(0, whole), plain, answer);
  }
  // Kept here in its size: OpenSSL would hold a buffer of the largest record for a single byte.
  const bool awaits_more = state_ == State::kHandshake || state_ == State::kOpen;
  if (awaits_more) unfinished_.assign(cipher.substr(whole));
  return got;
}

size_t TlsEngine::ReadRecords(std::string_view records, char* plain, std::string& answer) {
  // Encryption adds to each record, so what is said is less than this.
  const size_t room = records.size();
  size_t total = 0;
  wire_->in = records;
  wire_->out = &answer;
  const TlsErrors errors;
  while (true) {
    size_t got = 0;
    const int result = SSL_read_ex(ssl_, plain + total, room - total, &got);
    if (state_ == State::kHandshake && SSL_is_init_finished(ssl_) == 1) state_ = State::kOpen;
    if (result == 1) {
      total += got;
      continue;
    }
    const int error = SSL_get_error(ssl_, result);
    if (error == SSL_ERROR_WANT_READ) break;
    if (error == SSL_ERROR_ZERO_RETURN) {
      state_ = State::kEnded;
    } else {
      Fail(FailureOf(ERR_peek_error()));
    }
    break;
  }
  wire_->in = {};
  wire_->out = nullptr;
  return total;
}

bool TlsEngine::Send(std::string_view plain, std::string& cipher) {
  if (!open() || said_end_) return false;
  wire_->out = &cipher;
  const TlsErrors errors;
  size_t sent = 0;
  const int result = SSL_write_ex(ssl_, plain.data(), plain.size(), &sent);
  wire_->out = nullptr;
  if (result == 1 && sent == plain.size()) return true;
  // Such as a client's handshake message that stopped in the middle after the handshake.
  Fail(TlsFailure::kProtocol);
  return false;
}

void TlsEngine::End(std::string& cipher) {
  if (!open() || std::exchange(said_end_, true)) return;
  wire_->out = &cipher;
  const TlsErrors errors;
  SSL_shutdown(ssl_);
  wire_->out = nullptr;
}

}  // namespace trackwire::net
