// Entries of a stream and messages of channels: what is read must be written, in both forms, as
// something that is read as the same. The first byte chooses the form the input is in.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/json_scanner.h"
#include "socketio/adapters/cluster_message.h"

using namespace trackwire::socketio;  // NOLINT

namespace {

void CheckSame(const ClusterMessage& a, const ClusterMessage& b) {
  CHECK(a.uid == b.uid && a.nsp == b.nsp && a.type == b.type);
  CHECK(a.request_id == b.request_id && a.event == b.event);
  CHECK(a.filter.rooms == b.filter.rooms && a.filter.except == b.filter.except);
  CHECK(a.is_volatile == b.is_volatile && a.timeout == b.timeout && a.close == b.close);
  CHECK(a.rooms == b.rooms && a.client_count == b.client_count);
  CHECK(a.sockets.size() == b.sockets.size());
}

trackwire::Result<ClusterMessage, ClusterMessageError> Decode(uint8_t form, std::string_view rest) {
  const MsgpackLimits limits;
  if (form == 'm') return DecodeClusterMessage(rest, limits);
  // A digit: the type of an entry whose data follows.
  return DecodeStreamEntry({{"uid", "0123456789abcdef"},
                            {"nsp", "/"},
                            {"type", std::to_string(form - '0')},
                            {"data", std::string(rest)}},
                           limits);
}

bool IsText(const ClusterMessage& message) {
  // Senders' names come as bytes from a stream; only those that are UTF-8 can go on.
  return trackwire::base::ScanJson("[" + message.args.json + "]", 70).has_value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto message = Decode(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  if (!message) return 0;
  CHECK(IsText(*message));
  for (const RemoteSocket& socket : message->sockets) {
    CHECK(trackwire::base::ScanJson(socket.handshake_json, 70));
    CHECK(trackwire::base::ScanJson(socket.data_json, 70));
  }
  // Large enough for what repeated placeholders and one more level around them add.
  const MsgpackLimits limits{.max_bytes = 64'000'000, .max_depth = 70, .max_attachments = 100'000};
  const auto binary = DecodeClusterMessage(EncodeClusterMessage(*message), limits);
  CHECK(binary);
  CheckSame(*message, *binary);
  const StreamFields fields = EncodeStreamEntry(*message);
  if (fields[3].second[0] == '{' && !trackwire::base::ScanJson(fields[3].second)) return 0;  // deep
  const auto entry = DecodeStreamEntry(fields, limits);
  CHECK(entry);
  CheckSame(*message, *entry);
  return 0;
}
