// What servers with the classic Redis adapter say: what is read must be written as something that
// is read, and written, as the same again. The first byte chooses the kind.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/json_scanner.h"
#include "socketio/adapters/classic_message.h"

using namespace trackwire::socketio;  // NOLINT

namespace {

// What is written may say a little more than what was read: `nsp`, lists that were left out.
const MsgpackLimits kLimits;

void Broadcasts(std::string_view bytes) {
  const auto message = DecodeClassicBroadcast(bytes, kLimits);
  if (!message) return;
  CHECK(trackwire::base::ScanJson("[" + message->broadcast.args.json + "]", 70));
  const auto written = EncodeClassicBroadcast(message->uid, message->nsp, message->broadcast);
  const auto again = DecodeClassicBroadcast(written, kLimits);
  // A map may play the placeholder of a binary value beside it, which then counts twice.
  if (!again) return;
  CHECK(again->uid == message->uid && again->nsp == message->nsp);
  CHECK(again->broadcast.event == message->broadcast.event);
  CHECK(again->broadcast.rooms == message->broadcast.rooms);
  CHECK(again->broadcast.except == message->broadcast.except);
  CHECK(EncodeClassicBroadcast(again->uid, again->nsp, again->broadcast) == written);
}

void Requests(std::string_view bytes) {
  const auto request = DecodeClassicRequest(bytes, kLimits);
  if (!request || !request->sid.empty()) return;
  const std::string written = EncodeClassicRequest(*request);
  const auto again = DecodeClassicRequest(written, kLimits);
  if (!again) {
    CHECK(request->type == ClassicRequestType::kBroadcast);
    return;
  }
  CHECK(again->type == request->type && again->request_id == request->request_id);
  CHECK(EncodeClassicRequest(*again) == written);
}

void Responses(std::string_view bytes) {
  const auto response = DecodeClassicResponse(bytes, kLimits);
  if (!response) return;
  CHECK(!response->request_id.empty() ||
        response->kind == ClassicResponse::Kind::kBroadcastAck);
  if (response->sockets) {
    const std::string written = EncodeClassicSockets(response->request_id, *response->sockets);
    const auto again = DecodeClassicResponse(written, kLimits);
    CHECK(again && again->sockets && again->sockets->size() == response->sockets->size());
  }
  if (response->kind == ClassicResponse::Kind::kBroadcastAck) {
    CHECK(!EncodeClassicAck(response->request_id, response->answer).empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 'b') Broadcasts(rest);
  if (data[0] == 'q') Requests(rest);
  if (data[0] == 'a') Responses(rest);
  return 0;
}
