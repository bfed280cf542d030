#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json_scanner.h"
#include "socketio/namespace.h"

namespace trackwire::cluster_example {

/// Takes arguments off an event, one after the other; what is left can be sent on. What is missing
/// or of another kind reads as empty.
class Arguments {
 public:
  explicit Arguments(const socketio::Event& event)
      : event_(event), reader_({base::JsonType::kArray, event.args_json}) {}

  std::string Text();
  bool Flag();
  /// The text of any value.
  std::string Json();
  std::vector<std::string> Texts();
  /// An object with `rooms`, `except`, `volatile`, `local`, `compress`, `timeout`.
  socketio::Broadcast Options();
  /// Of the options read last.
  std::chrono::milliseconds timeout() const { return timeout_; }
  socketio::SocketFilter Filter();
  socketio::Args Rest();

 private:
  const socketio::Event& event_;
  base::JsonArrayReader reader_;
  std::chrono::milliseconds timeout_{1'000};
};

/// `[a,b]` of texts that are JSON already.
std::string JsonList(const std::vector<std::string>& items);
std::string JsonText(const std::string& text);

}  // namespace trackwire::cluster_example
