#include "socketio/adapters/python_message.h"

#include <utility>

#include "base/json_scanner.h"
#include "base/text.h"
#include "socketio/packet.h"

namespace trackwire::socketio {
namespace {

using Method = PythonMessage::Method;
using Error = PythonMessageError;
using base::AppendJsonArray;
using base::AppendJsonString;
using base::JsonType;
using base::JsonValue;

constexpr unsigned char kPickleProtocol = 0x80;  // how every pickle since protocol 2 begins

constexpr std::pair<std::string_view, Method> kMethods[] = {
    {"emit", Method::kEmit},
    {"callback", Method::kCallback},
    {"disconnect", Method::kDisconnect},
    {"enter_room", Method::kEnterRoom},
    {"leave_room", Method::kLeaveRoom},
    {"close_room", Method::kCloseRoom},
};

class Reader {
 public:
  Reader(JsonValue object, PythonMessage& message) : object_(object), message_(message) {}

  bool Run();
  Error error() const { return error_; }

 private:
  bool Fail(Error error) {
    error_ = error;
    return false;
  }
  /// False: the member is there and no string. `found` tells whether it was there.
  bool Text(std::string_view name, std::string& out, bool required);
  bool Texts(std::string_view name, std::vector<std::string>& out);
  bool MethodName();
  bool Emit();
  bool Data();
  bool BinaryData(JsonValue list);
  bool CallbackOf();
  bool CallbackArgs();

  JsonValue object_;
  PythonMessage& message_;
  Error error_ = Error::kBadField;
};

/// The inside of an accepted array.
std::string Inside(JsonValue array) {
  return std::string(base::Trim(array.text.substr(1, array.text.size() - 2)));
}

bool Reader::Text(std::string_view name, std::string& out, bool required) {
  const auto value = base::FindMember(object_, name);
  if (!value || value->is_null()) return !required || Fail(Error::kMissingField);
  if (!value->is_string()) return Fail(Error::kBadField);
  out = base::DecodeJsonString(value->text);
  return true;
}

/// One text, a list of them, or null for none.
bool Reader::Texts(std::string_view name, std::vector<std::string>& out) {
  const auto value = base::FindMember(object_, name);
  if (!value || value->is_null()) return true;
  if (value->is_string()) {
    out.push_back(base::DecodeJsonString(value->text));
    return true;
  }
  if (!value->is_array()) return Fail(Error::kBadField);
  for (base::JsonArrayReader reader(*value); const auto item = reader.Next();) {
    if (!item->is_string()) return Fail(Error::kBadField);
    out.push_back(base::DecodeJsonString(item->text));
  }
  return true;
}

bool Reader::MethodName() {
  std::string name;
  if (!Text("method", name, true)) return false;
  for (const auto& [known, method] : kMethods) {
    if (name != known) continue;
    message_.method = method;
    return true;
  }
  return Fail(Error::kUnknownMethod);
}

bool Reader::Data() {
  const auto data = base::FindMember(object_, "data");
  if (!data || data->is_null()) return true;
  const auto binary = base::FindMember(object_, "binary");
  if (binary && binary->type == JsonType::kTrue) return BinaryData(*data);
  message_.args.json = data->is_array() ? Inside(*data) : std::string(data->text);
  return true;
}

/// `[arguments with placeholders, "base64", …]`.
bool Reader::BinaryData(JsonValue list) {
  if (!list.is_array()) return Fail(Error::kBadField);
  base::JsonArrayReader reader(list);
  const auto first = reader.Next();
  if (!first) return Fail(Error::kBadField);
  message_.args.json = first->is_array() ? Inside(*first) : std::string(first->text);
  while (const auto item = reader.Next()) {
    if (!item->is_string()) return Fail(Error::kBadAttachment);
    auto bytes = base::Base64Decode(base::DecodeJsonString(item->text));
    if (!bytes) return Fail(Error::kBadAttachment);
    message_.args.attachments.push_back(std::move(*bytes));
  }
  const auto count = static_cast<uint32_t>(message_.args.attachments.size());
  return PlaceholdersValid("[" + message_.args.json + "]", count) || Fail(Error::kBadAttachment);
}

bool Reader::CallbackOf() {
  const auto value = base::FindMember(object_, "callback");
  if (!value || value->is_null()) return true;
  if (!value->is_array()) return Fail(Error::kBadField);
  base::JsonArrayReader reader(*value);
  const auto room = reader.Next();
  const auto nsp = reader.Next();
  const auto id = reader.Next();
  if (!room || !nsp || !id || !room->is_string() || !nsp->is_string()) {
    return Fail(Error::kBadField);
  }
  const auto number = base::JsonInteger(*id);
  if (!number) return Fail(Error::kBadField);
  message_.callback = {base::DecodeJsonString(room->text), base::DecodeJsonString(nsp->text),
                       *number};
  return true;
}

bool Reader::CallbackArgs() {
  const auto id = base::FindMember(object_, "id");
  const auto number = id ? base::JsonInteger(*id) : std::nullopt;
  if (!number) return Fail(Error::kMissingField);
  message_.id = *number;
  const auto args = base::FindMember(object_, "args");
  if (!args || args->is_null()) return true;
  if (!args->is_array()) return Fail(Error::kBadField);
  message_.args.json = Inside(*args);
  return true;
}

bool Reader::Emit() {
  const auto event = base::FindMember(object_, "event");
  if (event && base::JsonInteger(*event)) {
    message_.event = event->text;
  } else if (!Text("event", message_.event, true)) {
    return false;
  }
  if (IsReservedEvent(message_.event)) return Fail(Error::kBadField);
  return Texts("room", message_.rooms) && Texts("skip_sid", message_.except) && CallbackOf() &&
         Data();
}

bool Reader::Run() {
  if (!MethodName() || !Text("host_id", message_.host_id, false) ||
      !Text("namespace", message_.nsp, false)) {
    return false;
  }
  if (message_.nsp.empty()) message_.nsp = "/";
  switch (message_.method) {
    case Method::kEmit:
      return Emit();
    case Method::kCallback:
      return Text("host_id", message_.host_id, true) && Text("sid", message_.sid, true) &&
             CallbackArgs();
    case Method::kDisconnect:
      return Text("sid", message_.sid, true);
    case Method::kEnterRoom:
    case Method::kLeaveRoom:
      return Text("sid", message_.sid, true) && Text("room", message_.room, true);
    case Method::kCloseRoom:
      return Text("room", message_.room, true);
  }
  return Fail(Error::kUnknownMethod);
}

/// One text as it is, several as a list, none as null.
void AppendTexts(std::string& out, const std::vector<std::string>& texts) {
  if (texts.empty()) {
    out += "null";
  } else if (texts.size() == 1) {
    AppendJsonString(out, texts[0]);
  } else {
    AppendJsonArray(out, texts, false);
  }
}

void AppendArgs(std::string& out, const Args& args) {
  if (!args.attachments.empty()) {
    out += ",\"binary\":true,\"data\":[[" + args.json + "]";
    for (const std::string& bytes : args.attachments) {
      out += ",\"" + base::Base64Encode(bytes) + '"';
    }
    out += ']';
    return;
  }
  out += ",\"binary\":false,\"data\":";
  const std::string list = "[" + args.json + "]";
  base::JsonArrayReader reader({JsonType::kArray, list});
  const auto first = reader.Next();
  if (!first) {
    out += "null";
  } else if (!first->is_array() && !first->is_null() && !reader.Next()) {
    out += first->text;
  } else {
    out += list;
  }
}

void AppendEmit(std::string& out, const PythonMessage& message) {
  out += ",\"event\":";
  AppendJsonString(out, message.event);
  AppendArgs(out, message.args);
  out += ",\"room\":";
  AppendTexts(out, message.rooms);
  out += ",\"skip_sid\":";
  AppendTexts(out, message.except);
  out += ",\"callback\":";
  if (!message.callback) {
    out += "null";
    return;
  }
  out += '[';
  AppendJsonString(out, message.callback->room);
  out += ',';
  AppendJsonString(out, message.callback->nsp);
  out += ',' + std::to_string(message.callback->id) + ']';
}

}  // namespace

const char* ToString(PythonMessageError error) {
  switch (error) {
    case Error::kTooLarge:
      return "too large";
    case Error::kPickle:
      return "pickle";
    case Error::kBadJson:
      return "bad JSON";
    case Error::kUnknownMethod:
      return "unknown method";
    case Error::kMissingField:
      return "missing field";
    case Error::kBadField:
      return "bad field";
    case Error::kBadAttachment:
      return "bad attachment";
  }
  return "";
}

Result<PythonMessage, Error> DecodePythonMessage(std::string_view text, size_t max_bytes) {
  if (text.size() > max_bytes) return Err(Error::kTooLarge);
  if (!text.empty() && static_cast<unsigned char>(text[0]) == kPickleProtocol) {
    return Err(Error::kPickle);
  }
  const auto value = base::ScanJson(text);
  if (!value || !value->is_object()) return Err(Error::kBadJson);
  PythonMessage message;
  Reader reader(*value, message);
  if (!reader.Run()) return Err(reader.error());
  return message;
}

std::string EncodePythonMessage(const PythonMessage& message) {
  std::string out = "{\"method\":\"";
  for (const auto& [name, known] : kMethods) {
    if (known == message.method) out += name;
  }
  out += "\",\"host_id\":";
  AppendJsonString(out, message.host_id);
  out += ",\"namespace\":";
  AppendJsonString(out, message.nsp);
  const Method method = message.method;
  if (method == Method::kEmit) AppendEmit(out, message);
  if (method != Method::kEmit && method != Method::kCloseRoom) {
    out += ",\"sid\":";
    AppendJsonString(out, message.sid);
  }
  if (method == Method::kEnterRoom || method == Method::kLeaveRoom ||
      method == Method::kCloseRoom) {
    out += ",\"room\":";
    AppendJsonString(out, message.room);
  }
  if (method == Method::kCallback) {
    out += ",\"id\":" + std::to_string(message.id) + ",\"args\":[" + message.args.json + "]";
  }
  return out + '}';
}

}  // namespace trackwire::socketio
