#include "net/http/compression.h"

#include <zlib.h>

#include <algorithm>

#include "base/check.h"
#include "net/shard.h"

namespace trackwire::net::http {
namespace {

constexpr int kWindowBits = 15;
/// Without a head and a checksum of zlib's: these differ between codings, the state does not.
constexpr int kRaw = -kWindowBits;
constexpr int kWithGzipHead = kWindowBits + 16;
constexpr int kMemoryLevel = 8;

/// Deflated, no name, no time, packed fast, on no particular system.
constexpr std::string_view kGzipHead("\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\xff", 10);
constexpr size_t kGzipTail = 8;
/// A window of 32 KB, packed fast.
constexpr std::string_view kZlibHead("\x78\x01", 2);
constexpr size_t kZlibTail = 4;

const Bytef* In(std::string_view bytes) { return reinterpret_cast<const Bytef*>(bytes.data()); }

void SetInput(z_stream& stream, std::string_view bytes) {
  stream.next_in = const_cast<Bytef*>(In(bytes));
  stream.avail_in = static_cast<uInt>(bytes.size());
}

void AppendLittle(std::string& out, uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(value >> shift);
}

void AppendBig(std::string& out, uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

void AppendTail(std::string& out, Coding coding, std::string_view bytes) {
  const auto size = static_cast<uInt>(bytes.size());
  if (coding == Coding::kDeflate) {
    return AppendBig(out, static_cast<uint32_t>(adler32(adler32(0, nullptr, 0), In(bytes), size)));
  }
  AppendLittle(out, static_cast<uint32_t>(crc32(crc32(0, nullptr, 0), In(bytes), size)));
  AppendLittle(out, static_cast<uint32_t>(size));
}

/// Each shard is a thread, and its connections share this one.
Compressor& OfThisThread() {
  thread_local Compressor compressor;
  return compressor;
}

bool MayPack(const Response& response) {
  const int status = response.status;
  if (status < 200 || status == 204 || status == 206 || status == 304) return false;
  if (response.headers.Find("Content-Encoding")) return false;
  // It would have to be another one for the packed body.
  const auto etag = response.headers.Find("ETag");
  return !etag || etag->starts_with("W/");
}

}  // namespace

Compressor::Compressor(const Options& options)
    : options_(options), affordable_(static_cast<double>(options.burst_bytes)) {}

Compressor::~Compressor() {
  if (stream_ != nullptr) deflateEnd(stream_.get());
}

bool Compressor::Afford(size_t bytes, Steady::time_point now) {
  const std::chrono::duration<double> passed = now - std::exchange(counted_at_, now);
  affordable_ += std::max(0.0, passed.count()) * static_cast<double>(options_.bytes_per_second);
  affordable_ = std::min(affordable_, static_cast<double>(options_.burst_bytes));
  if (affordable_ < static_cast<double>(bytes)) return false;
  affordable_ -= static_cast<double>(bytes);
  return true;
}

Result<std::string, Compressor::Refusal> Compressor::Pack(Coding coding, std::string_view bytes,
                                                          Steady::time_point now) {
  CHECK(coding != Coding::kIdentity);
  if (!Afford(bytes.size(), now)) return Err(Refusal::kBusy);
  const bool gzip = coding == Coding::kGzip;
  const std::string_view head = gzip ? kGzipHead : kZlibHead;
  const size_t frame = head.size() + (gzip ? kGzipTail : kZlibTail);
  if (bytes.size() <= frame + 1) return Err(Refusal::kNotSmaller);
  if (stream_ == nullptr) {
    stream_ = std::make_unique<z_stream_s>();
    CHECK(deflateInit2(stream_.get(), options_.level, Z_DEFLATED, kRaw, kMemoryLevel,
                       Z_DEFAULT_STRATEGY) == Z_OK);
  } else {
    CHECK(deflateReset(stream_.get()) == Z_OK);
  }
  std::string out(bytes.size(), '\0');
  out.replace(0, head.size(), head);
  SetInput(*stream_, bytes);
  stream_->next_out = reinterpret_cast<Bytef*>(out.data() + head.size());
  stream_->avail_out = static_cast<uInt>(bytes.size() - frame - 1);
  if (deflate(stream_.get(), Z_FINISH) != Z_STREAM_END) return Err(Refusal::kNotSmaller);
  out.resize(head.size() + stream_->total_out);
  AppendTail(out, coding, bytes);
  out.shrink_to_fit();
  return out;
}

void CompressAnswer(const Request& request, Response& response, Shard& shard) {
  const size_t size = response.content().size();
  if (!response.compress_from || size < *response.compress_from || !MayPack(response)) return;
  AddVary(response.headers, "Accept-Encoding");
  const Coding coding = ChooseCoding(request.headers, {Coding::kGzip, Coding::kDeflate});
  if (coding == Coding::kIdentity) return;
  ShardCounters& counters = shard.counters();
  auto packed = OfThisThread().Pack(coding, response.content(), shard.now());
  if (!packed) {
    if (packed.error() == Compressor::Refusal::kBusy) ++counters.bodies_not_packed;
    return;
  }
  ++counters.bodies_packed;
  counters.bytes_before_packing += size;
  counters.bytes_after_packing += packed->size();
  response.headers.Add("Content-Encoding", std::string(ToString(coding)));
  response.shared_body = nullptr;
  response.body = std::move(*packed);
}

std::string Gzip(std::string_view bytes, int level) {
  z_stream stream{};
  CHECK(deflateInit2(&stream, level, Z_DEFLATED, kWithGzipHead, kMemoryLevel,
                     Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  SetInput(stream, bytes);
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace trackwire::net::http
