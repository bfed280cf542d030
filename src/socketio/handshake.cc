#include "socketio/handshake.h"

#include <chrono>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/json_scanner.h"
#include "base/text.h"
#include "socketio/msgpack_json.h"

namespace trackwire::socketio {
namespace {

std::string LowerCase(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

bool IsCredential(std::string_view header) {
  return base::EqualsIgnoreCase(header, "cookie") ||
         base::EqualsIgnoreCase(header, "authorization") ||
         base::EqualsIgnoreCase(header, "proxy-authorization");
}

/// An object of texts; headers may hold any bytes.
class TextObject {
 public:
  void Add(std::string_view name, std::string_view value) {
    json_ += json_.size() > 1 ? "," : "";
    base::AppendJsonString(json_, ToUtf8(name));
    json_ += ':';
    base::AppendJsonString(json_, ToUtf8(value));
  }
  std::string Take() { return std::move(json_) + "}"; }

 private:
  std::string json_ = "{";
};

std::string HeadersJson(const Handshake& handshake, bool credentials) {
  TextObject object;
  for (const auto& [name, value] : handshake.headers.all()) {
    if (credentials || !IsCredential(name)) object.Add(LowerCase(name), value);
  }
  return object.Take();
}

std::string QueryJson(const Handshake& handshake, bool credentials) {
  TextObject object;
  for (const auto& [name, value] : handshake.query.all()) {
    if (credentials || name == "EIO" || name == "transport") object.Add(name, value);
  }
  return object.Take();
}

}  // namespace

std::string DescribeHandshake(const Handshake& handshake, bool credentials) {
  const auto now = std::chrono::system_clock::now();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
  const std::string_view target = handshake.target;
  const std::string_view url = credentials ? target : target.substr(0, target.find('?'));
  std::string json = "{\"headers\":" + HeadersJson(handshake, credentials) + ",\"time\":";
  base::AppendJsonString(
      json, base::FormatTime(std::chrono::time_point_cast<std::chrono::milliseconds>(now)));
  json += ",\"address\":";
  base::AppendJsonString(json, ToUtf8(handshake.address));
  json += handshake.headers.Find("origin") ? ",\"xdomain\":true" : ",\"xdomain\":false";
  json += handshake.secure ? ",\"secure\":true" : ",\"secure\":false";
  json += ",\"issued\":" + std::to_string(ms.count()) + ",\"url\":";
  base::AppendJsonString(json, ToUtf8(url));
  json += ",\"query\":" + QueryJson(handshake, credentials) + ",\"auth\":";
  json += credentials ? handshake.auth_json : "{}";
  return json + "}";
}

}  // namespace trackwire::socketio
