#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "swarm.h"

namespace trackwire::exact {

/// Speaks with the test that started the program: lines of JSON in, lines of JSON out.
///
/// In: `{"do":"ports","ports":[…]}`, `{"do":"cut","first":N,"count":N,"pause_ms":N}`,
/// `{"do":"await","content":N}`, `{"do":"progress"}`,
/// `{"do":"report","expect":[[content,least,most],…]}`,
/// `{"do":"stop"}`. Out: `{"progress":{…}}` when it changed or was asked for, `{"reached":N}` when
/// every client is there and has the content, `{"report":{…}}`.
class Control {
 public:
  explicit Control(Swarm& swarm) : swarm_(swarm) {}

  /// Bytes from the test. An error is for people: the test is wrong.
  Result<void> Take(std::string_view bytes);
  /// What is to be said now; to be asked every now and then.
  std::string Say();
  bool is_stopped() const { return stopped_; }

 private:
  Result<void> Obey(std::string_view line);

  Swarm& swarm_;
  std::string unread_;
  std::string unsaid_;
  std::string progress_;
  std::optional<uint32_t> awaited_;
  bool stopped_ = false;
};

}  // namespace trackwire::exact
