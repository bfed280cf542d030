#include "geocoding/asked_batch.h"

#include "geocoding/json_text.h"

namespace trackwire::geocoding {
namespace {

std::string ToJson(const Asked& asked) {
  return JsonObjectText()
      .Text("request_id", asked.request.request_id)
      .Text("socket_id", asked.request.socket_id)
      .Number("latitude", asked.request.place.latitude)
      .Number("longitude", asked.request.place.longitude)
      .Text("key", asked.key)
      .Text("task", asked.task)
      .Take();
}

std::optional<Asked> AskedIn(base::JsonValue object) {
  if (!object.is_object()) return std::nullopt;
  auto request_id = TextIn(object, "request_id");
  auto socket_id = TextIn(object, "socket_id");
  const auto latitude = NumberIn(object, "latitude");
  const auto longitude = NumberIn(object, "longitude");
  auto key = TextIn(object, "key");
  auto task = TextIn(object, "task");
  if (!request_id || !socket_id || !latitude || !longitude || !key || !task) return std::nullopt;
  return Asked{{std::move(*request_id), {*latitude, *longitude, ""}, std::move(*socket_id)},
               std::move(*key),
               std::move(*task)};
}

}  // namespace

std::string ToJson(const AskedBatch& batch) {
  std::vector<std::string> askers;
  askers.reserve(batch.askers.size());
  for (const Asked& asked : batch.askers) askers.push_back(ToJson(asked));
  std::string list;
  base::AppendJsonArray(list, askers, true);
  return JsonObjectText()
      .Text("id", batch.id)
      .Text("origin", batch.origin)
      .Integer("deadline", batch.deadline.time_since_epoch().count())
      .Raw("askers", list)
      .Take();
}

std::optional<AskedBatch> ParseAskedBatch(std::string_view text) {
  const auto object = ObjectOf(text);
  if (!object) return std::nullopt;
  auto id = TextIn(*object, "id");
  auto origin = TextIn(*object, "origin");
  const auto deadline = TimeIn(*object, "deadline");
  const auto askers = base::FindMember(*object, "askers");
  if (!id || !origin || !deadline || !askers || !askers->is_array()) return std::nullopt;
  AskedBatch batch{std::move(*id), std::move(*origin), *deadline, {}};
  base::JsonArrayReader reader(*askers);
  while (const auto element = reader.Next()) {
    auto asked = AskedIn(*element);
    if (!asked) return std::nullopt;
    batch.askers.push_back(std::move(*asked));
  }
  return batch;
}

}  // namespace trackwire::geocoding
