#include "api/graphql_page.h"

#include "base/text.h"

namespace trackwire::api {

using graphql::Failure;
using graphql::Resolved;

void BindPageInfo(graphql::Bindings& bindings) {
  using Info = GraphqlPageInfo;
  bindings.Member<Info>("PageInfo", "hasNextPage", [](const Info& info) { return info.more; })
      .Member<Info>("PageInfo", "hasPreviousPage", [](const Info& info) { return info.behind; })
      .Member<Info>("PageInfo", "startCursor",
                    [](const Info& info) { return TextOrNull(info.start); })
      .Member<Info>("PageInfo", "endCursor", [](const Info& info) { return TextOrNull(info.end); });
}

Result<GraphqlPageAsk, Failure> AskedPage(const graphql::Call& call, int64_t max) {
  const int64_t first = call.Integer("first").value_or(0);
  if (first < 1 || first > max) {
    return Err(BadArgument("first must be between 1 and " + std::to_string(max)));
  }
  GraphqlPageAsk ask{static_cast<size_t>(first), std::nullopt};
  const auto cursor = call.Text("after");
  if (!cursor) return ask;
  ask.after = base::Base64UrlDecode(*cursor);
  if (!ask.after || ask.after->empty() || !base::IsUtf8(*ask.after)) {
    return Err(BadArgument("after is no cursor"));
  }
  return ask;
}

std::string CursorOf(std::string_view place) { return base::Base64UrlEncode(place); }

Failure BadArgument(std::string message) {
  return {graphql::codes::kBadArgument, std::move(message)};
}

Failure FailureOf(const Error& error) {
  // What they call so is what clients know by the other name.
  if (error.code == "invalid") return BadArgument(error.detail);
  return {error.code, error.detail};
}

Failure Unavailable() { return {"unavailable", "this server does not offer it"}; }

Resolved TextOrNull(const std::string& text) {
  return text.empty() ? Resolved() : Resolved(text);
}

}  // namespace trackwire::api
