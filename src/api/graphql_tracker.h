#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/graphql_page.h"
#include "api/graphql_schema.h"
#include "api/tracker_reader.h"
#include "base/json_scanner.h"

namespace trackwire::api {

/// The source of `Position`: an object as its reader may see it.
struct GraphqlPosition {
  explicit GraphqlPosition(std::string text);
  std::optional<base::JsonValue> Find(std::string_view name) const;

  const std::string json;
};

/// The source of `Client`.
struct GraphqlClient {
  tracking::Id id;
  std::string name;
};

using GraphqlTrackers = GraphqlConnection<TrackerView>;

/// The ids that the text of an ID may mean, in the order in which they are looked for.
std::vector<tracking::Id> IdsOfText(std::string_view text);
/// A cursor of a list in the order of ids, and what it was made of.
std::string CursorOf(const tracking::Id& id);
Result<std::optional<tracking::Id>, graphql::Failure> IdOf(const GraphqlPageAsk& ask);

/// `ONLINE` of the schema is `online` elsewhere.
std::string EnumName(std::string_view word);

/// A list of trackers as the arguments `first` and `after` ask for.
void ReplyWithTrackers(TrackerReader& reader, const graphql::Call& call, TrackerFilter filter,
                       graphql::Reply reply);
/// The tracker of the first of these ids under which the caller sees one. `reply` gets it, or null.
void ReplyWithTracker(TrackerReader& reader, const graphql::Call& call,
                      std::vector<tracking::Id> ids, graphql::Reply reply);

}  // namespace trackwire::api
