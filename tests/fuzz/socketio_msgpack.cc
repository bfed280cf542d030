// What is read must be written and read again as the same; what becomes arguments must be JSON
// whose way back and forth changes nothing any more.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/json_scanner.h"
#include "socketio/msgpack.h"
#include "socketio/msgpack_json.h"
#include "socketio/packet.h"

using namespace trackwire::socketio;  // NOLINT

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto value = ParseMsgpack(bytes);
  if (!value) return 0;
  std::string written;
  MsgpackWriter(written).Value(*value);
  const auto again = ParseMsgpack(written);
  CHECK(again && *again == *value);

  const auto args = UnpackArgs({&*value, 1});
  if (!args) return 0;
  CHECK(trackwire::base::ScanJson(args->json, 66));
  const PackedArgs packed = PackArgs(*args);
  CHECK(packed.count == 1);
  const auto repacked = ParseMsgpack(packed.bytes);
  CHECK(repacked);
  const auto second = UnpackArgs({&*repacked, 1});
  // A map may play the placeholder of a binary value beside it, which then counts twice.
  if (!second) {
    CHECK(second.error() == MsgpackError::kTooManyAttachments);
    return 0;
  }
  CHECK(second->attachments.size() >= args->attachments.size());
  CHECK(PackArgs(*second).bytes == packed.bytes);
  return 0;
}
