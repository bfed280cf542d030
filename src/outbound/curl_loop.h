#pragma once

#include <curl/curl.h>

#include <memory>

#include "net/loop.h"

namespace trackwire::outbound {

/// Many transfers of curl's at once on one loop. Everything belongs to the loop's thread; `loop`
/// outlives it, its thread may have ended before.
class CurlLoop {
 public:
  /// What waits for the end of a transfer.
  class Ender {
   public:
    /// Never inside Add(). The handle is still added; the CurlLoop must not be destroyed here.
    virtual void OnEnd(CURLcode code) = 0;

   protected:
    ~Ender() = default;
  };

  explicit CurlLoop(net::Loop& loop);
  /// All handles are removed before.
  ~CurlLoop();
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  /// Bounds the open connections: in all, and to one host. What exceeds it waits.
  void Limit(size_t connections, size_t per_host);
  /// Takes the handle's CURLOPT_PRIVATE for itself. Until Remove(), `ender` and `easy` stay alive.
  void Add(CURL* easy, Ender* ender);
  void Remove(CURL* easy);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace trackwire::outbound
