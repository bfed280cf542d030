// What is read must be written as something that is read as the same.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/json_scanner.h"
#include "socketio/adapters/python_message.h"

using namespace trackwire::socketio;  // NOLINT

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto message = DecodePythonMessage(text, 1'000'000);
  if (!message) return 0;
  CHECK(trackwire::base::ScanJson("[" + message->args.json + "]", 66));
  const std::string written = EncodePythonMessage(*message);
  const auto again = DecodePythonMessage(written, 8'000'000);
  CHECK(again && again->method == message->method && again->nsp == message->nsp);
  CHECK(again->host_id == message->host_id && again->event == message->event);
  CHECK(again->rooms == message->rooms && again->except == message->except);
  CHECK(again->args.attachments == message->args.attachments);
  CHECK(again->callback.has_value() == message->callback.has_value());
  CHECK(EncodePythonMessage(*again) == written);
  return 0;
}
