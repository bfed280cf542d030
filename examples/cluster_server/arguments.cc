#include "cluster_server/arguments.h"

namespace trackwire::cluster_example {
namespace {

std::vector<std::string> TextsOf(const std::optional<base::JsonValue>& list) {
  std::vector<std::string> texts;
  if (!list || !list->is_array()) return texts;
  for (base::JsonArrayReader reader(*list); const auto item = reader.Next();) {
    if (item->is_string()) texts.push_back(base::DecodeJsonString(item->text));
  }
  return texts;
}

}  // namespace

std::string Arguments::Text() {
  const auto value = reader_.Next();
  return value && value->is_string() ? base::DecodeJsonString(value->text) : std::string();
}

bool Arguments::Flag() {
  const auto value = reader_.Next();
  return value && value->type == base::JsonType::kTrue;
}

std::string Arguments::Json() {
  const auto value = reader_.Next();
  return value ? std::string(value->text) : "null";
}

std::vector<std::string> Arguments::Texts() { return TextsOf(reader_.Next()); }

socketio::Broadcast Arguments::Options() {
  socketio::Broadcast broadcast;
  const auto options = reader_.Next();
  if (!options || !options->is_object()) return broadcast;
  const auto is = [&](std::string_view name, base::JsonType type) {
    const auto value = base::FindMember(*options, name);
    return value && value->type == type;
  };
  broadcast.rooms = TextsOf(base::FindMember(*options, "rooms"));
  broadcast.except = TextsOf(base::FindMember(*options, "except"));
  broadcast.is_volatile = is("volatile", base::JsonType::kTrue);
  broadcast.local_only = is("local", base::JsonType::kTrue);
  broadcast.compress = !is("compress", base::JsonType::kFalse);
  if (is("timeout", base::JsonType::kNumber)) {
    const auto given = base::JsonInteger(*base::FindMember(*options, "timeout"));
    timeout_ = std::chrono::milliseconds(given.value_or(1'000));
  }
  return broadcast;
}

socketio::SocketFilter Arguments::Filter() {
  socketio::Broadcast options = Options();
  return {std::move(options.rooms), std::move(options.except)};
}

socketio::Args Arguments::Rest() {
  socketio::Args args;
  while (const auto value = reader_.Next()) {
    if (!args.json.empty()) args.json += ',';
    args.json += value->text;
  }
  for (const std::string_view bytes : event_.attachments) args.attachments.emplace_back(bytes);
  return args;
}

std::string JsonList(const std::vector<std::string>& items) {
  std::string json;
  base::AppendJsonArray(json, items, true);
  return json;
}

std::string JsonText(const std::string& text) {
  std::string json;
  base::AppendJsonString(json, text);
  return json;
}

}  // namespace trackwire::cluster_example
