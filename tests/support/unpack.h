#pragma once

#include <zlib.h>

#include <string>
#include <string_view>

namespace trackwire::testing {

/// What `packed` holds, a whole gzip or zlib stream; `<broken>` when it is none, or is followed by
/// more.
inline std::string Unpack(std::string_view packed) {
  constexpr int kAnyHead = 15 + 32;
  z_stream stream{};
  if (inflateInit2(&stream, kAnyHead) != Z_OK) return "<broken>";
  std::string out;
  char buffer[65'536];
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  int step = Z_OK;
  while (step == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer);
    stream.avail_out = sizeof(buffer);
    step = inflate(&stream, Z_NO_FLUSH);
    out.append(buffer, sizeof(buffer) - stream.avail_out);
  }
  const bool whole = step == Z_STREAM_END && stream.avail_in == 0;
  inflateEnd(&stream);
  return whole ? out : "<broken>";
}

}  // namespace trackwire::testing
