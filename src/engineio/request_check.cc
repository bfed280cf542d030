#include "engineio/request_check.h"

#include "base/json_scanner.h"

namespace trackwire::engineio {
namespace {

bool HasForbiddenByte(std::string_view value) {
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && byte != '\t') || byte == 0x7f) return true;
  }
  return false;
}

}  // namespace

const char* Message(RequestError error) {
  switch (error) {
    case RequestError::kUnknownTransport:
      return "Transport unknown";
    case RequestError::kUnknownSid:
      return "Session ID unknown";
    case RequestError::kBadHandshakeMethod:
      return "Bad handshake method";
    case RequestError::kBadRequest:
      return "Bad request";
    case RequestError::kForbidden:
      return "Forbidden";
    case RequestError::kUnsupportedProtocol:
      return "Unsupported protocol version";
  }
  return "";
}

net::http::Response ErrorResponse(RequestError error, bool websocket, std::string_view text) {
  if (text.empty()) text = Message(error);
  net::http::Response response;
  response.status = error == RequestError::kForbidden ? 403 : 400;
  if (websocket) {
    response.headers.Add("Content-Type", "text/html");
    response.body = text;
    response.close = true;
    return response;
  }
  response.headers.Add("Content-Type", "application/json");
  response.body = "{\"code\":" + std::to_string(static_cast<int>(error)) + ",\"message\":";
  base::AppendJsonString(response.body, text);
  response.body += '}';
  return response;
}

bool WantsWebSocket(const net::http::Request& request) {
  return request.upgrade && request.headers.HasToken("Upgrade", "websocket");
}

Result<Target, RequestError> CheckRequest(const net::http::Request& request,
                                          const Options& options) {
  const auto parameter = [&](std::string_view name) {
    return request.query.Find(name).value_or(std::string_view());
  };
  const std::string_view transport = parameter("transport");
  Target target;
  target.websocket = transport == "websocket";
  target.version_4 = parameter("EIO") == "4";
  target.base64 = parameter("b64") == "1";
  target.sid = parameter("sid");

  const bool enabled =
      target.websocket ? options.websocket : transport == "polling" && options.polling;
  if (!enabled) return Err(RequestError::kUnknownTransport);
  const auto origin = request.headers.Find("Origin");
  if (origin && HasForbiddenByte(*origin)) return Err(RequestError::kBadRequest);
  if (target.sid.empty() && request.method != "GET") {
    return Err(RequestError::kBadHandshakeMethod);
  }
  // A WebSocket must ask for one, and polling must not.
  if (target.websocket != WantsWebSocket(request)) return Err(RequestError::kBadRequest);
  return target;
}

}  // namespace trackwire::engineio
