#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "broker/redis/resp.h"

using trackwire::broker::RespReader;
using trackwire::broker::RespValue;

namespace {

bool Same(const RespValue& a, const RespValue& b) {
  if (a.type != b.type || a.integer != b.integer || a.text != b.text ||
      a.items.size() != b.items.size()) {
    return false;
  }
  for (size_t i = 0; i < a.items.size(); ++i) {
    if (!Same(a.items[i], b.items[i])) return false;
  }
  return true;
}

}  // namespace

/// The first byte says how large the pieces are; whole or in pieces the values are the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t piece = 1 + data[0] % 16;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  RespReader whole, cut;
  std::vector<RespValue> expected, values;
  const auto result = whole.Feed(bytes, expected);
  auto in_pieces = cut.Feed("", values);
  for (size_t begin = 0; begin < bytes.size(); begin += piece) {
    in_pieces = cut.Feed(bytes.substr(begin, piece), values);
  }
  if (result.has_value() != in_pieces.has_value()) std::abort();
  if (!result && result.error() != in_pieces.error()) std::abort();
  if (values.size() != expected.size()) std::abort();
  for (size_t i = 0; i < values.size(); ++i) {
    if (!Same(values[i], expected[i])) std::abort();
  }
  return 0;
}
