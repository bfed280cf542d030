#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "net/http/message.h"
#include "net/http/negotiation.h"

struct z_stream_s;

namespace trackwire::net {
class Shard;
}

namespace trackwire::net::http {

/// Bodies shorter than this gain nothing by being packed.
inline constexpr size_t kWorthPacking = 1024;

/// Packs one body after the other with the same 268 KB of state, at a rate that leaves the thread
/// time for others. One thread at a time.
class Compressor {
 public:
  struct Options {
    /// Of zlib. Bodies of positions come down to a fifth at level 1, and to a sixth at level 6 for
    /// three times the time.
    int level = 1;
    /// How much may be packed at a stretch, so also the longest body: a megabyte takes four to
    /// twenty milliseconds, in which the thread does nothing else.
    size_t burst_bytes = 1'048'576;
    /// And in the long run.
    size_t bytes_per_second = 16'777'216;
  };
  enum class Refusal : uint8_t {
    kBusy,        ///< more than there is time for now
    kNotSmaller,  ///< packed it would be as long
  };

  Compressor() : Compressor(Options{}) {}
  explicit Compressor(const Options& options);
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  /// `bytes` as kGzip (RFC 1952) or kDeflate (RFC 1950), shorter than they were.
  Result<std::string, Refusal> Pack(Coding coding, std::string_view bytes, Steady::time_point now);

 private:
  bool Afford(size_t bytes, Steady::time_point now);

  Options options_;
  std::unique_ptr<z_stream_s> stream_;  // made with the first body
  double affordable_;
  Steady::time_point counted_at_{};
};

/// Packs the body of an answer whose handler allows it (Response::compress_from) when the client
/// takes it so and there is time for it. Answers that are packed already or have a strong ETag stay
/// as they are. Counts. On the thread of `shard`.
void CompressAnswer(const Request& request, Response& response, Shard& shard);

/// `bytes` as a gzip stream. For what is packed once and sent often.
std::string Gzip(std::string_view bytes, int level);

}  // namespace trackwire::net::http
