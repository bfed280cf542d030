#pragma once

#include <curl/curl.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/loop.h"

namespace trackwire::outbound {

/// A connection that curl has made (name, address, TLS) and that we speak on: bytes out, bytes in.
///
/// Belongs to the loop's thread. It may be destroyed in any call but those of `on_bytes`, where
/// the answer false ends it instead.
class CurlLine {
 public:
  struct Events {
    std::function<void()> on_connected;
    /// The bytes may be changed. False: nothing more is read.
    std::function<bool(char* data, size_t size)> on_bytes;
    /// The last call; an error without a code is the end of the connection.
    std::function<void(Error)> on_end;
  };
  struct Options {
    std::string url;  ///< http or https
    bool allow_private = false;
    std::string user_agent;
    std::string ca_file;
  };

  /// `events.on_end` is called, later, also for a URL that is none.
  CurlLine(net::Loop& loop, const Options& options, Events events);
  ~CurlLine();

  /// Queues bytes and sends what the connection takes.
  void Send(std::string_view bytes);
  size_t unsent_bytes() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace trackwire::outbound
