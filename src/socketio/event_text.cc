#include "socketio/event_text.h"

#include <string_view>

namespace trackwire::socketio {

base::JsonValue EventName(base::JsonValue payload) {
  return *base::JsonArrayReader(payload).Next();
}

std::string NameText(base::JsonValue name) {
  return name.is_string() ? base::DecodeJsonString(name.text) : std::string(name.text);
}

std::string ArgsWithoutName(base::JsonValue payload, base::JsonValue name) {
  const auto after = static_cast<size_t>(name.text.data() + name.text.size() - payload.text.data());
  std::string_view rest = payload.text.substr(after);
  rest.remove_prefix(rest.find_first_of(",]"));
  if (rest[0] == ']') return "[]";
  std::string args(rest);
  args[0] = '[';
  return args;
}

}  // namespace trackwire::socketio
