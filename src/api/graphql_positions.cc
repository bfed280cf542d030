// Positions: the latest of a tracker, and its history.
#include <charconv>

#include "api/graphql_json.h"
#include "api/graphql_tracker.h"
#include "base/text.h"

namespace trackwire::api {
namespace {

using graphql::Call;
using graphql::Failure;
using graphql::Reply;
using graphql::Resolved;
using tracking::Id;
using Positions = GraphqlConnection<GraphqlPosition>;
using Past = TrackerReader::PastPosition;

constexpr int64_t kMaxPage = 1'000;
/// Histories of one request that are read at a time: a request with hundreds leaves room for others.
constexpr size_t kReadsAtOnce = 2;

/// Reads the histories of one batch, a few at a time. On the request's loop.
class Reading : public std::enable_shared_from_this<Reading> {
 public:
  using Key = GraphqlHistoryKey;
  using Value = std::shared_ptr<const GraphqlHistory>;
  using Done = UniqueFunction<void(Result<std::vector<std::optional<Value>>>)>;

  Reading(TrackerReader& reader, const GraphqlContext& context, std::vector<Key> keys, Done done)
      : reader_(reader),
        caller_(context.caller),
        loop_(context.loop),
        keys_(std::move(keys)),
        values_(keys_.size()),
        missing_(keys_.size()),
        done_(std::move(done)) {}

  void Begin() {
    for (size_t i = 0; i < kReadsAtOnce; ++i) ReadNext();
  }

 private:
  void ReadNext() {
    if (next_ == keys_.size()) return;
    const size_t index = next_++;
    const Key& key = keys_[index];
    reader_.History(
        caller_, {key.tracker, key.from, key.to, key.newest_first, key.after, key.limit},
        [self = shared_from_this(), index](GraphqlHistory past) {
          auto value = std::make_shared<const GraphqlHistory>(std::move(past));
          self->loop_.Post([self, index, value = std::move(value)] { self->Take(index, value); });
        });
  }
  void Take(size_t index, Value value) {
    values_[index] = std::move(value);
    if (--missing_ == 0) return done_(std::move(values_));
    ReadNext();
  }

  TrackerReader& reader_;
  const auth::Identity caller_;
  net::Loop& loop_;
  const std::vector<Key> keys_;
  std::vector<std::optional<Value>> values_;
  size_t next_ = 0;
  size_t missing_;
  const Done done_;
};

std::optional<WallTime> TimeArgument(const Call& call, std::string_view name) {
  const auto text = call.Text(name);
  return text ? base::ParseTime(*text) : std::nullopt;
}

std::string PlaceOf(WallTime fix_time) {
  return std::to_string(fix_time.time_since_epoch().count());
}

std::optional<WallTime> ReadPlace(const std::string& place) {
  int64_t ms = 0;
  const char* end = place.data() + place.size();
  const auto [rest, error] = std::from_chars(place.data(), end, ms);
  if (error != std::errc() || rest != end) return std::nullopt;
  return WallTime(std::chrono::milliseconds(ms));
}

/// A key that lacks its tracker, and one position more than was asked for.
Result<GraphqlHistoryKey, Failure> ReadArguments(const Call& call) {
  const auto ask = AskedPage(call, kMaxPage);
  if (!ask) return Err(Failure(ask.error()));
  GraphqlHistoryKey key;
  key.from = TimeArgument(call, "from").value_or(WallTime{});
  key.to = TimeArgument(call, "to").value_or(WallTime::max());
  key.newest_first = call.Flag("newestFirst");
  key.limit = ask->first + 1;
  if (!ask->after) return key;
  key.after = ReadPlace(*ask->after);
  if (!key.after) return Err(BadArgument("after is no cursor"));
  return key;
}

Positions ConnectionOf(const std::vector<Past>& past, const GraphqlHistoryKey& key) {
  Positions positions;
  positions.more = past.size() == key.limit;
  positions.behind = key.after.has_value();
  const size_t count = std::min(past.size(), key.limit - 1);
  for (size_t i = 0; i < count; ++i) {
    positions.Add(CursorOf(PlaceOf(past[i].fix_time)),
                  std::make_shared<const GraphqlPosition>(past[i].json));
  }
  return positions;
}

void ReplyWithHistory(GraphqlContext::Histories& histories, GraphqlHistoryKey key, Reply reply) {
  const auto shared = std::make_shared<Reply>(std::move(reply));
  histories.Load(key, [key, shared](const GraphqlContext::Histories::Value& found) {
    if (!found) return (*shared)(FailureOf(found.error()));
    const GraphqlHistory& history = ***found;
    if (!history) return (*shared)(FailureOf(history.error()));
    (*shared)(Resolved::Of(ConnectionOf(*history, key)));
  });
}

void HistoryOfTracker(const GraphqlServices& services, const Call& call, Reply reply) {
  auto key = ReadArguments(call);
  if (!key) return reply(key.error());
  key->tracker = call.parent<TrackerView>().tracker.id;
  ReplyWithHistory(call.context<GraphqlContext>().histories(*services.trackers), std::move(*key),
                   std::move(reply));
}

/// Looks for one id after the other: there are two at most.
void Try(GraphqlContext& context, TrackerReader& reader, std::vector<Id> ids,
         GraphqlHistoryKey key, std::shared_ptr<Reply> reply) {
  if (ids.empty()) return (*reply)(Failure{"unknown_tracker", "there is no such tracker"});
  const Id id = std::move(ids.front());
  ids.erase(ids.begin());
  context.trackers(reader).Load(
      id, [&context, &reader, id, ids = std::move(ids), key = std::move(key),
           reply](const GraphqlContext::Trackers::Value& found) mutable {
        if (!found) return (*reply)(FailureOf(found.error()));
        if (!*found) return Try(context, reader, std::move(ids), std::move(key), reply);
        key.tracker = id;
        ReplyWithHistory(context.histories(reader), std::move(key), std::move(*reply));
      });
}

void HistoryOfId(const GraphqlServices& services, const Call& call, Reply reply) {
  if (services.trackers == nullptr) return reply(Unavailable());
  auto key = ReadArguments(call);
  if (!key) return reply(key.error());
  Try(call.context<GraphqlContext>(), *services.trackers, IdsOfText(*call.Text("trackerId")),
      std::move(*key), std::make_shared<Reply>(std::move(reply)));
}

void BindNumbers(graphql::Bindings& bindings) {
  constexpr std::pair<const char*, const char*> kNumbers[] = {
      {"latitude", "latitude"}, {"longitude", "longitude"}, {"altitude", "altitude"},
      {"accuracy", "accuracy"}, {"speed", "speed"},         {"course", "course"},
      {"heading", "heading"},   {"batteryLevel", "battery_level"}};
  for (const auto& [field, member] : kNumbers) {
    bindings.Member<GraphqlPosition>("Position", field, [name = member](const GraphqlPosition& p) {
      const auto value = p.Find(name);
      const bool number = value && value->is_number();
      return number ? Resolved(base::JsonNumber(*value)) : Resolved();
    });
  }
}

void BindTimes(graphql::Bindings& bindings) {
  constexpr std::pair<const char*, const char*> kTimes[] = {{"fixTime", "fix_time"},
                                                            {"receivedAt", "received_at"}};
  for (const auto& [field, member] : kTimes) {
    bindings.Member<GraphqlPosition>("Position", field, [name = member](const GraphqlPosition& p) {
      const auto value = p.Find(name);
      if (!value || !value->is_string()) return Resolved();
      const auto time = base::ParseTime(base::DecodeJsonString(value->text));
      return time ? Resolved(base::FormatTime(*time)) : Resolved();
    });
  }
}

/// Members of what others publish may be of any type: what does not fit is not there.
void BindPosition(graphql::Bindings& bindings) {
  BindNumbers(bindings);
  BindTimes(bindings);
  using P = GraphqlPosition;
  bindings
      .Member<P>("Position", "valid",
                 [](const P& p) {
                   const auto value = p.Find("valid");
                   if (!value) return Resolved();
                   if (value->type == base::JsonType::kTrue) return Resolved(true);
                   if (value->type == base::JsonType::kFalse) return Resolved(false);
                   return Resolved();
                 })
      .Member<P>("Position", "motion",
                 [](const P& p) {
                   const auto value = p.Find("motion");
                   for (const char* word : {"moving", "stopped", "unknown"}) {
                     const bool is = value && value->is_string() &&
                                     base::DecodeJsonString(value->text) == word;
                     if (is) return Resolved(EnumName(word));
                   }
                   return Resolved();
                 })
      .Member<P>("Position", "source",
                 [](const P& p) {
                   const auto value = p.Find("source");
                   const bool text = value && value->is_string();
                   return text ? TextOrNull(base::DecodeJsonString(value->text)) : Resolved();
                 })
      .Member<P>("Position", "attributes", [](const P& p) {
        const auto value = p.Find("attributes");
        return value && value->is_object() ? Resolved(TreeOf(*value)) : Resolved();
      });
}

}  // namespace

GraphqlPosition::GraphqlPosition(std::string text) : json(std::move(text)) {}

std::optional<base::JsonValue> GraphqlPosition::Find(std::string_view name) const {
  const auto object = base::ScanJson(json);
  return object && object->is_object() ? base::FindMember(*object, name) : std::nullopt;
}

GraphqlContext::Histories& GraphqlContext::histories(TrackerReader& reader) {
  if (!histories_) {
    histories_.emplace(*this, [this, &reader](std::vector<GraphqlHistoryKey> keys,
                                              Reading::Done done) {
      std::make_shared<Reading>(reader, *this, std::move(keys), std::move(done))->Begin();
    });
  }
  return *histories_;
}

GraphqlContext::Trackers& GraphqlContext::trackers(TrackerReader& reader) {
  using Done = UniqueFunction<void(Trackers::Values)>;
  if (!trackers_) {
    trackers_.emplace(*this, [this, &reader](std::vector<Id> keys, Done done) {
      const size_t count = keys.size();
      if (count > TrackerReader::kMaxTrackers) {
        // Later, as all answers: loaders may be made by what comes of it.
        return loop.Post([done = std::move(done)] {
          done(Err("too_many", "more trackers are asked for than one request may"));
        });
      }
      reader.Find(caller, std::move(keys),
                  [&on = loop, done = std::make_shared<Done>(std::move(done))](
                      Result<std::vector<std::optional<TrackerView>>> found) {
                    on.Post([done, found = std::move(found)]() mutable {
                      if (!found) return (*done)(Err(std::move(found.error())));
                      std::vector<std::optional<std::shared_ptr<const TrackerView>>> values;
                      for (auto& view : *found) {
                        values.emplace_back();
                        if (view) {
                          values.back() = std::make_shared<const TrackerView>(std::move(*view));
                        }
                      }
                      (*done)(std::move(values));
                    });
                  });
    });
  }
  return *trackers_;
}

void BindPositions(const GraphqlServices& services, graphql::Bindings& bindings) {
  BindPosition(bindings);
  BindConnection<GraphqlPosition>("Position", bindings);
  bindings
      .AsyncField("Tracker", "positions",
                  [&services](const Call& call, Reply reply) {
                    HistoryOfTracker(services, call, std::move(reply));
                  })
      .AsyncField("Query", "positions", [&services](const Call& call, Reply reply) {
        HistoryOfId(services, call, std::move(reply));
      });
}

}  // namespace trackwire::api
