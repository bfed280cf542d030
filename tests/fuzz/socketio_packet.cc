// The text of a packet against a plain reading of its grammar, and what was read written again.
// The first byte sets the limits.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/json_scanner.h"
#include "socketio/packet.h"
#include "tests/fuzz/pieces.h"

using namespace trackwire;            // NOLINT
using namespace trackwire::socketio;  // NOLINT
using base::JsonValue;

namespace {

constexpr std::string_view kDigits = "0123456789";

struct Expected {
  int type = 0;
  std::string nsp = "/";
  std::string id;
  unsigned long attachments = 0;
  std::optional<JsonValue> payload;
};

std::string TakeWhileDigits(std::string& text) {
  const size_t end = std::min(text.find_first_not_of(kDigits), text.size());
  const std::string digits = text.substr(0, end);
  text.erase(0, end);
  return digits;
}

/// Whether every placeholder below `value` names one of the attachments, by a walk that reads
/// each level anew.
bool Placeholders(JsonValue value, unsigned long attachments) {
  if (value.is_array()) {
    base::JsonArrayReader reader(value);
    while (auto element = reader.Next()) {
      if (!Placeholders(*element, attachments)) return false;
    }
  }
  if (!value.is_object()) return true;
  base::JsonObjectReader reader(value);
  while (auto member = reader.Next()) {
    if (!Placeholders(member->value, attachments)) return false;
  }
  const auto mark = base::FindMember(value, "_placeholder");
  if (!mark || mark->type != base::JsonType::kTrue) return true;
  const auto num = base::FindMember(value, "num");
  const auto which = num ? base::JsonInteger(*num) : std::nullopt;
  return which && *which >= 0 && static_cast<unsigned long>(*which) < attachments;
}

bool IsEvent(JsonValue payload) {
  if (!payload.is_array()) return false;
  const auto name = base::JsonArrayReader(payload).Next();
  if (!name) return false;
  if (name->is_number()) return true;
  if (!name->is_string()) return false;
  const std::string text = base::DecodeJsonString(name->text);
  for (const char* reserved : {"connect", "connect_error", "disconnect", "disconnecting",
                               "newListener", "removeListener"}) {
    if (text == reserved) return false;
  }
  return true;
}

bool PayloadFits(const Expected& packet) {
  const bool has = packet.payload.has_value();
  switch (packet.type) {
    case 0: return !has || packet.payload->is_object();
    case 1: return !has;
    case 2: return !has || IsEvent(*packet.payload);
    case 3: return has && packet.payload->is_array();
    case 4: return has && (packet.payload->is_object() || packet.payload->is_string());
    case 5: return has && IsEvent(*packet.payload);
    default: return has && packet.payload->is_array();
  }
}

/// What the specification's grammar makes of `text`; the payload borrows from `json`.
std::optional<Expected> Reference(std::string text, const PacketLimits& limits,
                                  std::string& json) {
  Expected packet;
  if (text.empty() || text[0] < '0' || text[0] > '6') return std::nullopt;
  packet.type = text[0] - '0';
  text.erase(0, 1);
  if (packet.type >= 5) {
    std::string count = TakeWhileDigits(text);
    if (count.empty() || count.size() > 9 || !text.starts_with("-")) return std::nullopt;
    text.erase(0, 1);
    packet.attachments = std::strtoul(count.c_str(), nullptr, 10);
    if (packet.attachments < 1 || packet.attachments > limits.max_attachments) return std::nullopt;
  }
  if (text.starts_with("/")) {
    const size_t comma = text.find(',');
    packet.nsp = text.substr(0, comma);
    text = comma == std::string::npos ? "" : text.substr(comma + 1);
  }
  packet.id = TakeWhileDigits(text);
  if (packet.id.size() > 24) return std::nullopt;
  json = text;
  if (!json.empty()) {
    const auto payload = base::ScanJson(json, limits.max_json_depth);
    if (!payload) return std::nullopt;
    packet.payload = *payload;
  }
  if (!PayloadFits(packet)) return std::nullopt;
  if (packet.type >= 5 && !Placeholders(*packet.payload, packet.attachments)) return std::nullopt;
  return packet;
}

void CheckSame(const Packet& packet, const Expected& expected) {
  CHECK(static_cast<int>(packet.type) == expected.type);
  CHECK(packet.nsp == expected.nsp && packet.id == expected.id);
  CHECK(packet.attachments == expected.attachments);
  CHECK(packet.has_payload == expected.payload.has_value());
  if (packet.has_payload) CHECK(packet.payload.text == expected.payload->text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  PacketLimits limits;
  limits.max_attachments = data[0] % 16;
  if (data[0] >= 128) limits.max_json_depth = data[0] % 8;
  const fuzz::ExactCopy copy({reinterpret_cast<const char*>(data) + 1, size - 1});

  std::string json;
  const auto expected = Reference(std::string(copy.view()), limits, json);
  const auto packet = DecodePacket(copy.view(), limits);
  CHECK(packet.has_value() == expected.has_value());
  if (!packet) return 0;
  CheckSame(*packet, *expected);

  const std::string_view payload = packet->has_payload ? packet->payload.text : "";
  const std::string written =
      EncodePacket(packet->type, packet->nsp, packet->id, packet->attachments, payload);
  CHECK(written[0] == '4');
  const auto again = DecodePacket(std::string_view(written).substr(1), limits);
  CHECK(again.has_value());
  CheckSame(*again, *expected);
  CHECK(EncodePacket(again->type, again->nsp, again->id, again->attachments, payload) == written);
  return 0;
}
