#include "api/graphql_request.h"

#include <boost/json/parse.hpp>
#include <charconv>

#include "base/text.h"

namespace trackwire::api {
namespace {

namespace json = boost::json;
using net::http::Headers;

constexpr size_t kMaxJsonDepth = 64;

Unexpected<Error> Bad(std::string detail) { return Err("bad_request", std::move(detail)); }

/// Takes what stands before `separator` off the text.
std::string_view Take(std::string_view& text, char separator) {
  const size_t end = std::min(text.find(separator), text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return base::Trim(taken);
}

/// A parameter's value without quotes; nothing when there is no such parameter.
std::optional<std::string_view> Parameter(std::string_view parameters, std::string_view name) {
  while (!parameters.empty()) {
    std::string_view one = Take(parameters, ';');
    if (!base::EqualsIgnoreCase(Take(one, '='), name)) continue;
    one = base::Trim(one);
    if (one.size() >= 2 && one.front() == '"' && one.back() == '"') {
      one = one.substr(1, one.size() - 2);
    }
    return one;
  }
  return std::nullopt;
}

double WeightOf(std::string_view parameters) {
  const auto text = Parameter(parameters, "q");
  if (!text) return 1;
  double weight = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), weight);
  const bool whole = error == std::errc() && end == text->data() + text->size();
  return whole && weight >= 0 && weight <= 1 ? weight : 0;
}

bool SaysUtf8(std::string_view parameters) {
  const auto charset = Parameter(parameters, "charset");
  return !charset || base::EqualsIgnoreCase(*charset, "utf-8") ||
         base::EqualsIgnoreCase(*charset, "utf8");
}

/// How much a client likes a type: by its own name, else by what includes it.
struct Liking {
  std::optional<double> exact;
  std::optional<double> general;

  void Hear(std::string_view name, std::string_view own, double weight) {
    if (base::EqualsIgnoreCase(name, own)) exact = std::max(exact.value_or(0), weight);
    if (name == "*/*" || base::EqualsIgnoreCase(name, "application/*")) {
      general = std::max(general.value_or(0), weight);
    }
  }
  double weight() const { return exact ? *exact : general.value_or(0); }
};

Result<json::value> ParseJson(std::string_view text) {
  json::parse_options options;
  options.max_depth = kMaxJsonDepth;
  boost::system::error_code error;
  json::value value = json::parse(text, error, {}, options);
  if (error) return Bad("the JSON cannot be read: " + error.message());
  return value;
}

Result<void> TakeVariables(const json::value& value, graphql::Request& request) {
  if (value.is_null()) return Ok();
  if (!value.is_object()) return Bad("variables must be an object");
  request.variables = value.get_object();
  return Ok();
}

}  // namespace

GraphqlMedia ChooseGraphqlMedia(const Headers& headers) {
  Liking response;
  Liking plain;
  bool said = false;
  for (const auto& [name, value] : headers.all()) {
    if (!base::EqualsIgnoreCase(name, "Accept")) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      std::string_view item = Take(rest, ',');
      const std::string_view media = Take(item, ';');
      if (media.empty()) continue;
      said = true;
      if (!SaysUtf8(item)) continue;
      const double weight = WeightOf(item);
      response.Hear(media, "application/graphql-response+json", weight);
      plain.Hear(media, "application/json", weight);
    }
  }
  if (!said) return GraphqlMedia::kJson;
  if (response.weight() <= 0 && plain.weight() <= 0) return GraphqlMedia::kNone;
  if (response.weight() != plain.weight()) {
    return response.weight() > plain.weight() ? GraphqlMedia::kResponse : GraphqlMedia::kJson;
  }
  // Equally liked: the newer one for who names it.
  return response.exact ? GraphqlMedia::kResponse : GraphqlMedia::kJson;
}

bool SaysGraphqlJson(const Headers& headers) {
  std::string_view type = headers.Find("Content-Type").value_or("");
  return headers.Count("Content-Type") == 1 &&
         base::EqualsIgnoreCase(Take(type, ';'), "application/json") && SaysUtf8(type);
}

Result<graphql::Request> ReadGraphqlBody(const std::string& body) {
  auto value = ParseJson(body);
  if (!value) return Err(value.error());
  if (!value->is_object()) {
    return Bad("send an object with query, and perhaps variables and operationName");
  }
  const json::object& object = value->get_object();
  graphql::Request request;
  const json::value* query = object.if_contains("query");
  if (query == nullptr || !query->is_string()) return Bad("query must be a text");
  request.query = query->get_string();
  const json::value* operation = object.if_contains("operationName");
  if (operation != nullptr && !operation->is_null()) {
    if (!operation->is_string()) return Bad("operationName must be a text");
    request.operation = operation->get_string();
  }
  if (const json::value* variables = object.if_contains("variables")) {
    auto taken = TakeVariables(*variables, request);
    if (!taken) return Err(taken.error());
  }
  const json::value* extensions = object.if_contains("extensions");
  if (extensions != nullptr && !extensions->is_null() && !extensions->is_object()) {
    return Bad("extensions must be an object");
  }
  return request;
}

Result<graphql::Request> ReadGraphqlQuery(const net::http::Query& query) {
  graphql::Request request;
  request.read_only = true;
  const auto text = query.Find("query");
  if (!text) return Bad("the parameter query is missing");
  request.query = std::string(*text);
  request.operation = std::string(query.Find("operationName").value_or(""));
  for (const char* name : {"variables", "extensions"}) {
    const auto given = query.Find(name);
    if (!given || given->empty()) continue;
    auto value = ParseJson(*given);
    if (!value) return Bad("the parameter " + std::string(name) + " is not JSON");
    if (!value->is_null() && !value->is_object()) {
      return Bad(std::string(name) + " must be an object");
    }
    if (std::string_view(name) != "variables") continue;
    auto taken = TakeVariables(*value, request);
    if (!taken) return Err(taken.error());
  }
  return request;
}

}  // namespace trackwire::api
