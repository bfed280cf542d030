// Trackers as whoever asks may see them.
#include "api/graphql_json.h"
#include "api/graphql_tracker.h"
#include "api/tracker_edit.h"
#include "base/text.h"

namespace trackwire::api {
namespace {

using graphql::Call;
using graphql::Failure;
using graphql::Reply;
using graphql::Resolved;
using tracking::Id;
namespace json = boost::json;

constexpr int64_t kMaxPage = 500;
constexpr size_t kMaxSearchBytes = 256;

Resolved TimeOrNull(WallTime time) {
  return time == WallTime{} ? Resolved() : Resolved(base::FormatTime(time));
}

double NumberIn(const json::object& object, std::string_view name) {
  return object.at(name).get_double();
}

Result<tracking::BoundingBox> ReadBoxInput(const json::object& input) {
  std::string text = "[";
  for (const char* edge : {"west", "south", "east", "north"}) {
    if (text.size() > 1) text += ',';
    base::AppendJsonNumber(text, NumberIn(input, edge));
  }
  text += ']';
  return tracking::ReadBox(*base::ScanJson(text));
}

/// A member of an input object that was given and is not null.
const json::value* Given(const json::object& input, std::string_view name) {
  const json::value* value = input.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

template <typename E>
std::optional<E> EnumOf(const json::value* value, std::initializer_list<E> all) {
  if (value == nullptr) return std::nullopt;
  for (const E each : all) {
    if (EnumName(ToString(each)) == value->get_string()) return each;
  }
  return std::nullopt;
}

Result<TrackerFilter, Failure> ReadFilter(const Call& call) {
  TrackerFilter filter;
  const json::value* given = call.Find("filter");
  if (given == nullptr) return filter;
  const json::object& input = given->get_object();
  if (const json::value* client = Given(input, "client")) {
    filter.client = IdsOfText(client->get_string());
    if (filter.client.empty()) return Err(BadArgument("filter.client has 1 to 128 bytes"));
  }
  using tracking::Connectivity;
  filter.connectivity =
      EnumOf(Given(input, "connectivity"),
             {Connectivity::kOnline, Connectivity::kOffline, Connectivity::kUnknown});
  using tracking::Motion;
  filter.motion =
      EnumOf(Given(input, "motion"), {Motion::kMoving, Motion::kStopped, Motion::kUnknown});
  if (const json::value* box = Given(input, "bbox")) {
    auto read = ReadBoxInput(box->get_object());
    if (!read) return Err(BadArgument("filter." + read.error().detail));
    filter.box = *read;
  }
  if (const json::value* search = Given(input, "search")) {
    filter.search = std::string(search->get_string());
    if (filter.search.empty() || filter.search.size() > kMaxSearchBytes) {
      return Err(BadArgument("filter.search has 1 to 256 bytes"));
    }
  }
  return filter;
}

void ListTrackers(const GraphqlServices& services, const Call& call, Reply reply) {
  if (services.trackers == nullptr) return reply(Unavailable());
  auto filter = ReadFilter(call);
  if (!filter) return reply(filter.error());
  ReplyWithTrackers(*services.trackers, call, std::move(*filter), std::move(reply));
}

void FindTracker(const GraphqlServices& services, const Call& call, Reply reply) {
  if (services.trackers == nullptr) return reply(Unavailable());
  ReplyWithTracker(*services.trackers, call, IdsOfText(*call.Text("id")), std::move(reply));
}

/// Looks for one id after the other: there are two at most.
void Try(GraphqlContext::Trackers& loader, std::vector<Id> ids, std::shared_ptr<Reply> reply) {
  if (ids.empty()) return (*reply)(Resolved());
  const Id id = std::move(ids.front());
  ids.erase(ids.begin());
  loader.Load(id, [&loader, ids = std::move(ids), reply](
                      const GraphqlContext::Trackers::Value& found) mutable {
    if (!found) return (*reply)(FailureOf(found.error()));
    if (*found) return (*reply)(Resolved::Of(**found));
    Try(loader, std::move(ids), std::move(reply));
  });
}

void BindTracker(graphql::Bindings& bindings) {
  using V = TrackerView;
  bindings.Member<V>("Tracker", "id", [](const V& v) { return v.tracker.id.ToText(); })
      .Member<V>("Tracker", "idIsInteger", [](const V& v) { return v.tracker.id.is_integer(); })
      .Member<V>("Tracker", "name", [](const V& v) { return TextOrNull(v.tracker.name); })
      .Member<V>("Tracker", "category", [](const V& v) { return TextOrNull(v.tracker.category); })
      .Member<V>("Tracker", "client",
                 [](const V& v) {
                   if (!v.tracker.client_id) return Resolved();
                   return Resolved::Of(GraphqlClient{*v.tracker.client_id, v.client_name});
                 })
      .Member<V>("Tracker", "public", [](const V& v) { return v.tracker.is_public; })
      .Member<V>("Tracker", "connectivity",
                 [](const V& v) { return EnumName(ToString(v.status.connectivity)); })
      .Member<V>("Tracker", "connectivitySince",
                 [](const V& v) { return TimeOrNull(v.status.connectivity_since); })
      .Member<V>("Tracker", "motion",
                 [](const V& v) { return EnumName(ToString(v.status.motion)); })
      .Member<V>("Tracker", "motionSince",
                 [](const V& v) { return TimeOrNull(v.status.motion_since); })
      .Member<V>("Tracker", "freshness",
                 [](const V& v) {
                   return v.freshness ? Resolved(EnumName(ToString(*v.freshness))) : Resolved();
                 })
      .Member<V>("Tracker", "lastSeenAt", [](const V& v) { return TimeOrNull(v.last_seen_at); })
      .Member<V>("Tracker", "expectedInterval",
                 [](const V& v) {
                   const int64_t seconds = v.tracker.expected_interval.count();
                   return seconds == 0 ? Resolved() : Resolved(seconds);
                 })
      .Member<V>("Tracker", "offlineAfter",
                 [](const V& v) { return int64_t{v.tracker.offline_after.count()}; })
      .Member<V>("Tracker", "attributes",
                 [](const V& v) {
                   const auto object = base::ScanJson(v.tracker.attributes_json);
                   return object ? Resolved(TreeOf(*object)) : Resolved();
                 })
      .Member<V>("Tracker", "position",
                 [](const V& v) {
                   if (v.position_json.empty()) return Resolved();
                   return Resolved::Of(GraphqlPosition(v.position_json));
                 })
      .Member<V>("Tracker", "provider", [](const V& v) { return TextOrNull(v.tracker.provider); });
}

}  // namespace

std::string EnumName(std::string_view word) {
  std::string out(word);
  for (char& c : out) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return out;
}

std::vector<Id> IdsOfText(std::string_view text) { return IdsOfSegment(text); }

std::string CursorOf(const Id& id) { return CursorOf(id.ToJson()); }

Result<std::optional<Id>, Failure> IdOf(const GraphqlPageAsk& ask) {
  if (!ask.after) return std::optional<Id>();
  auto id = Id::FromJson(*ask.after);
  if (!id) return Err(BadArgument("after is no cursor"));
  return id;
}

void ReplyWithTrackers(TrackerReader& reader, const Call& call, TrackerFilter filter,
                       Reply reply) {
  const auto ask = AskedPage(call, kMaxPage);
  if (!ask) return reply(ask.error());
  auto after = IdOf(*ask);
  if (!after) return reply(after.error());
  auto answer = ReplyFromAnywhere(call, std::move(reply));
  const bool behind = ask->after.has_value();
  reader.List(call.context<GraphqlContext>().caller, std::move(filter), std::move(*after),
              ask->first, [answer, behind](Result<TrackerPage> page) {
                if (!page) return answer(FailureOf(page.error()));
                GraphqlTrackers trackers;
                trackers.more = page->more;
                trackers.behind = behind;
                trackers.offset = std::move(page->offset);
                for (TrackerView& view : page->trackers) {
                  std::string cursor = CursorOf(view.tracker.id);
                  trackers.Add(std::move(cursor), std::move(view));
                }
                if (page->reached) trackers.end = CursorOf(*page->reached);
                answer(Resolved::Of(std::move(trackers)));
              });
}

void ReplyWithTracker(TrackerReader& reader, const Call& call, std::vector<Id> ids, Reply reply) {
  auto& context = call.context<GraphqlContext>();
  Try(context.trackers(reader), std::move(ids), std::make_shared<Reply>(std::move(reply)));
}

void BindTrackers(const GraphqlServices& services, graphql::Bindings& bindings) {
  BindTracker(bindings);
  BindConnection<TrackerView>("Tracker", bindings);
  bindings
      .Member<GraphqlTrackers>("TrackerConnection", "offset",
                               [](const GraphqlTrackers& trackers) { return trackers.offset; })
      .AsyncField("Query", "trackers",
                  [&services](const Call& call, Reply reply) {
                    ListTrackers(services, call, std::move(reply));
                  })
      .AsyncField("Query", "tracker", [&services](const Call& call, Reply reply) {
        FindTracker(services, call, std::move(reply));
      });
}

}  // namespace trackwire::api
