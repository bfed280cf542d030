#include "api/push_message.h"

#include <optional>
#include <utility>

#include "auth/token_source.h"
#include "base/json_scanner.h"
#include "base/text.h"
#include "formats/osmand.h"
#include "formats/owntracks.h"

namespace trackwire::api {
namespace {

using ingest::FixReport;
using net::http::Query;
using net::http::Request;

constexpr size_t kMaxMessages = 1'000;

FixReport ReportOf(formats::Report report, const char* source, WallTime now) {
  FixReport out;
  out.fix = std::move(report.fix);
  out.fix.source = source;
  out.has_place = report.has_place;
  out.last_will = report.last_will;
  out.received_at = now;
  out.pushed = true;
  return out;
}

bool HasMoreThanToken(const Query& query) {
  for (const auto& [name, value] : query.all()) {
    if (name != "token") return true;
  }
  return false;
}

Result<formats::Report> ReadOsmand(const Request& request, std::string_view body,
                                   const formats::OsmandOptions& options) {
  if (IsJsonRequest(request)) return formats::ReadOsmandJson(body, options.now);
  if (HasMoreThanToken(request.query)) {
    return formats::ReadOsmandFields(request.query.all(), options);
  }
  if (Query::CountFields(body) > Query::kMaxFields) {
    return Err("too_many_fields", "more than 256 parameters");
  }
  return formats::ReadOsmandFields(Query::Parse(body).all(), options);
}

/// `user/device` as the app says it beside the message, and the device alone.
std::vector<std::string> OwntracksNames(const Request& request) {
  const auto said = [&](std::string_view header, std::string_view parameter) {
    auto value = request.headers.Find(header);
    if (!value) value = request.query.Find(parameter);
    return std::string(value.value_or(""));
  };
  const std::string user = said("X-Limit-U", "u");
  const std::string device = said("X-Limit-D", "d");
  if (device.empty()) return {};
  if (user.empty()) return {device};
  return {user + "/" + device, device};
}

/// What a ping is told by: the letter under which the decoder keeps the trigger.
bool IsPing(const formats::Report& report) {
  if (report.fix.attributes_json.empty()) return false;
  const auto object = base::ScanJson(report.fix.attributes_json);
  if (!object || !object->is_object()) return false;
  const auto trigger = base::FindMember(*object, "trigger");
  return trigger && trigger->text == "\"p\"";
}

Result<void> AddOwntracks(std::string_view json, WallTime now, PushMessage& message) {
  auto report = formats::ReadOwntracks(json);
  if (!report) return Err(std::move(report.error()));
  if (!*report) return Ok();
  std::string name = std::exchange((*report)->external_id, {});
  if (!name.empty()) {
    if (message.names.empty()) {
      message.names = {name, name.substr(name.rfind('/') + 1)};
    } else if (message.names.front() != name && message.names.back() != name &&
               name.substr(name.rfind('/') + 1) != message.names.back()) {
      return Err("bad_message", "the messages are of different devices");
    }
  }
  const bool is_ping = IsPing(**report);
  message.reports.push_back(ReportOf(std::move(**report), "push:owntracks", now));
  message.reports.back().is_ping = is_ping;
  return Ok();
}

std::string BasicPassword(const Request& request) {
  constexpr std::string_view kScheme = "Basic ";
  const auto header = request.headers.Find("Authorization");
  if (!header || header->size() <= kScheme.size() ||
      !base::EqualsIgnoreCase(header->substr(0, kScheme.size()), kScheme)) {
    return {};
  }
  const auto pair = base::Base64Decode(base::Trim(header->substr(kScheme.size())));
  if (!pair) return {};
  const size_t colon = pair->find(':');
  return colon == std::string::npos ? std::string() : pair->substr(colon + 1);
}

}  // namespace

bool IsJsonRequest(const Request& request) {
  const std::string_view type = request.headers.Find("Content-Type").value_or("");
  return base::EqualsIgnoreCase(base::Trim(type.substr(0, type.find(';'))), "application/json");
}

Result<PushMessage> ReadOsmandRequest(const Request& request, std::string_view body,
                                      double speed_unit_mps, WallTime now) {
  auto report = ReadOsmand(request, body, {now, speed_unit_mps});
  if (!report) return Err(std::move(report.error()));
  PushMessage message;
  if (!report->external_id.empty()) message.names.push_back(report->external_id);
  message.reports.push_back(ReportOf(std::move(*report), "push:osmand", now));
  return message;
}

Result<PushMessage> ReadOwntracksRequest(const Request& request, std::string_view body,
                                         WallTime now) {
  PushMessage message;
  message.names = OwntracksNames(request);
  if (base::Trim(body).empty()) return message;
  const auto value = base::ScanJson(body);
  if (!value) return Err("bad_json", base::ToString(value.error()));
  if (!value->is_array()) {
    if (auto added = AddOwntracks(body, now, message); !added) {
      return Err(std::move(added.error()));
    }
    return message;
  }
  base::JsonArrayReader elements(*value);
  for (size_t count = 0; const auto element = elements.Next(); ++count) {
    if (count == kMaxMessages) return Err("too_many", "more than 1000 messages");
    if (auto added = AddOwntracks(element->text, now, message); !added) {
      return Err(std::move(added.error()));
    }
  }
  return message;
}

std::string PushTokenOf(const Request& request, std::string_view prefix) {
  const std::string_view path = request.path;
  if (path.size() > prefix.size() + 1 && path.starts_with(prefix) && path[prefix.size()] == '/') {
    return std::string(path.substr(prefix.size() + 1));
  }
  if (const auto token = request.query.Find("token")) return std::string(*token);
  if (std::string password = BasicPassword(request); !password.empty()) return password;
  return auth::BearerToken(request.headers).value_or("");
}

}  // namespace trackwire::api
