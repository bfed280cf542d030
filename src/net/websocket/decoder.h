#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "net/frame.h"

namespace trackwire::net::websocket {

/// Whose frames are read: a client masks all of them, a server none.
enum class FramesOf : uint8_t { kClient, kServer };

/// The ways a peer's bytes can break RFC 6455.
enum class DecodeError : uint8_t {
  kReservedBits,          ///< a reserved bit without an extension that defines it
  kBadOpcode,             ///< an opcode that nothing defines
  kNotMasked,             ///< a client masks every frame
  kMasked,                ///< a server masks none
  kFragmentedControl,     ///< a control frame that is not final
  kControlTooLong,        ///< a control frame of more than 125 bytes
  kLengthNotMinimal,      ///< a length in more bytes than it needs
  kLengthTooBig,          ///< a 64-bit length with its top bit set
  kUnexpectedContinuation,  ///< continues a message that was not begun
  kExpectedContinuation,  ///< begins a message inside another
  kBadUtf8,               ///< text or a close reason that is not UTF-8
  kBadClose,              ///< a close frame of one byte or with a code nobody may send
  kTooLarge,              ///< a message over the limit
};

/// The status code that our close frame gives for it.
uint16_t CloseCodeOf(DecodeError error);

/// Takes what a peer sent apart into messages.
///
/// Between messages it holds no memory. A message that came whole in one frame is handed out as it
/// lies in the caller's buffer, unmasked in place; others are gathered. Thread-compatible.
/// Spec: RFC 6455 section 5.
class Decoder {
 public:
  /// Where the messages go. Returning false stops the decoder for good.
  class Sink {
   public:
    virtual bool OnMessage(FrameKind kind, std::string_view payload) = 0;
    virtual bool OnPing(std::string_view payload) = 0;
    virtual bool OnPong(std::string_view payload) = 0;
    /// Code 1005 when the frame had none.
    virtual bool OnClose(uint16_t code, std::string_view reason) = 0;

   protected:
    ~Sink() = default;
  };

  explicit Decoder(size_t max_message_bytes, FramesOf peer = FramesOf::kClient);
  ~Decoder();

  /// Takes the next bytes, in any portions; they are changed. Nothing must be fed after an error
  /// (found at the first byte that makes one) or after the sink said stop.
  std::optional<DecodeError> Feed(char* data, size_t size, Sink& sink);

  /// Whether a frame or message was begun and is not complete.
  bool pending() const { return partial_ != nullptr; }
  /// Whether it is a message; control frames may come between its fragments.
  bool in_message() const;
  /// What was gathered of it.
  size_t pending_bytes() const;

 private:
  struct Header;
  struct Partial;
  enum class HeaderStatus : uint8_t { kComplete, kNeedMore, kError };

  HeaderStatus ReadHeader(const uint8_t* bytes, size_t size, Header& header);
  std::optional<DecodeError> CheckHeader(const Header& header) const;
  bool WholeFrame(const Header& header, char* payload, Sink& sink);
  size_t FeedPartial(char* data, size_t size, Sink& sink);
  size_t FeedHeader(const char* data, size_t size);
  void EndFrame(Sink& sink);
  bool Control(const Header& header, std::string_view payload, Sink& sink);
  bool Close(std::string_view payload, Sink& sink);
  bool Fail(DecodeError error);

  std::unique_ptr<Partial> partial_;
  uint32_t max_message_bytes_;
  const FramesOf peer_;
  bool stopped_ = false;
  std::optional<DecodeError> error_;
};

/// XORs `size` bytes with the four key bytes, beginning with that at `phase` (0 to 3).
void Unmask(char* data, size_t size, const uint8_t key[4], size_t phase);

}  // namespace trackwire::net::websocket
