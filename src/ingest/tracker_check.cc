#include "ingest/tracker_check.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <string>

#include "base/json_scanner.h"
#include "base/text.h"

namespace trackwire::ingest {
namespace {

using std::chrono::seconds;
using tracking::Id;

constexpr size_t kMaxIdBytes = 128;
constexpr size_t kMaxNameBytes = 256;
constexpr size_t kMaxCategoryBytes = 64;
constexpr size_t kMaxProviderBytes = 128;
constexpr size_t kMaxExternalIdBytes = 256;
constexpr size_t kMaxAttributesBytes = 4'096;
constexpr seconds kLeastOfflineAfter{1};
constexpr seconds kMostOfflineAfter{31'536'000};

Error Invalid(std::string detail) { return {"invalid", std::move(detail)}; }

bool IsPlainText(std::string_view text) {
  const bool controls = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  return !controls && base::IsUtf8(text);
}

Result<void> CheckText(const char* field, std::string_view text, size_t least, size_t most) {
  const bool fits = text.size() >= least && text.size() <= most;
  if (fits && IsPlainText(text)) return Ok();
  return Err(Invalid(std::string(field) + " must have " + std::to_string(least) + " to " +
                     std::to_string(most) + " bytes of UTF-8 without control characters"));
}

Result<void> CheckId(const char* field, const Id& id) {
  if (id.is_integer()) return Ok();
  return CheckText(field, id.ToText(), 1, kMaxIdBytes);
}

/// A provider's configured name, or `push`.
Result<void> CheckProvider(std::string_view name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isgraph(c) != 0;
  });
  if (plain && !name.empty() && name.size() <= kMaxProviderBytes) return Ok();
  return Err(Invalid("provider must be the name of a provider, or push"));
}

Result<void> CheckOfflineAfter(seconds after) {
  if (after >= kLeastOfflineAfter && after <= kMostOfflineAfter) return Ok();
  return Err(Invalid("offline_after must be 1 to 31536000 seconds"));
}

Result<void> CheckInterval(seconds interval) {
  if (interval >= seconds(0) && interval <= kMostOfflineAfter) return Ok();
  return Err(Invalid("expected_interval must be 0 to 31536000 seconds"));
}

bool IsScalar(const base::JsonValue& value) { return !value.is_object() && !value.is_array(); }

Result<void> CheckAttributes(std::string_view json) {
  if (json.empty()) return Ok();
  const auto object = base::ScanJson(json);
  bool flat = object && object->is_object() && json.size() <= kMaxAttributesBytes;
  if (flat) {
    base::JsonObjectReader members(*object);
    while (const auto member = members.Next()) flat = flat && IsScalar(member->value);
  }
  if (flat) return Ok();
  return Err(Invalid("attributes must be a flat JSON object of at most 4096 bytes"));
}

}  // namespace

Result<void> CheckTracker(const tracking::Tracker& tracker) {
  auto done = CheckId("id", tracker.id);
  if (done) done = CheckText("name", tracker.name, 1, kMaxNameBytes);
  if (done) done = CheckText("category", tracker.category, 0, kMaxCategoryBytes);
  if (done && tracker.client_id) done = CheckId("client_id", *tracker.client_id);
  if (done) done = CheckProvider(tracker.provider);
  if (done) done = CheckText("external_id", tracker.external_id, 0, kMaxExternalIdBytes);
  if (done) done = CheckOfflineAfter(tracker.offline_after);
  if (done) done = CheckInterval(tracker.expected_interval);
  if (done) done = CheckAttributes(tracker.attributes_json);
  return done;
}

Result<void> CheckEdit(const tracking::TrackerEdit& edit) {
  Result<void> done = Ok();
  if (edit.name) done = CheckText("name", *edit.name, 1, kMaxNameBytes);
  if (done && edit.category) done = CheckText("category", *edit.category, 0, kMaxCategoryBytes);
  if (done && edit.sets_client && edit.client_id) done = CheckId("client_id", *edit.client_id);
  if (done && edit.provider) done = CheckProvider(*edit.provider);
  if (done && edit.external_id) {
    done = CheckText("external_id", *edit.external_id, 0, kMaxExternalIdBytes);
  }
  if (done && edit.offline_after) done = CheckOfflineAfter(*edit.offline_after);
  if (done && edit.expected_interval) done = CheckInterval(*edit.expected_interval);
  return done;
}

Result<void> CheckClient(const tracking::Client& client) {
  auto done = CheckId("id", client.id);
  if (done) done = CheckText("name", client.name, 1, kMaxNameBytes);
  return done;
}

}  // namespace trackwire::ingest
