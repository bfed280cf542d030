#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <vector>

#include "net/http/server.h"
#include "net/shard.h"

namespace trackwire::testing {

/// Some shards with an HTTP server on a free port of 127.0.0.1.
class TestShards {
 public:
  explicit TestShards(uint16_t count, const net::OutQueue::Limits& out = {}) {
    for (uint16_t i = 0; i < count; ++i) {
      net::Shard::Options options;
      options.index = i;
      options.out = out;
      owned_.push_back(std::make_unique<net::Shard>(options));
      shards_.push_back(owned_.back().get());
    }
  }
  ~TestShards() { Stop(); }

  const std::vector<net::Shard*>& shards() const { return shards_; }
  net::Shard& shard(size_t index) { return *shards_[index]; }

  void Listen(const std::string& path, net::http::Handler* handler) {
    router_.Mount(path, handler);
    server_ = std::make_unique<net::http::Server>(shards_, &router_, net::http::ServerOptions{});
    for (const auto& shard : owned_) shard->Start();
    const auto port = server_->Listen("127.0.0.1", 0);
    ASSERT_TRUE(port) << port.error().detail;
    port_ = *port;
  }
  void Stop() {
    if (server_ != nullptr) server_->StopListening();
    for (const auto& shard : owned_) shard->Stop();
  }
  uint16_t port() const { return port_; }

  /// Looks again and again, on a shard's thread, until `condition` holds.
  void WaitUntil(size_t index, const std::function<bool()>& condition) {
    for (bool holds = false; !holds;) {
      shard(index).Run([&] { holds = condition(); });
    }
  }

 private:
  std::vector<std::unique_ptr<net::Shard>> owned_;
  std::vector<net::Shard*> shards_;
  net::http::Router router_;
  std::unique_ptr<net::http::Server> server_;
  uint16_t port_ = 0;
};

}  // namespace trackwire::testing
