#include "echo_server.h"

namespace trackwire::conformance {
namespace {

class Echo final : public engineio::SessionListener {
 public:
  explicit Echo(engineio::Session& session) : session_(session) {}

  void OnMessage(net::FrameKind kind, std::string_view data) override {
    session_.SendMessage(kind, data);
  }
  void OnClosed(engineio::CloseReason) override {}

 private:
  engineio::Session& session_;
};

}  // namespace

std::unique_ptr<engineio::Server> MakeEchoServer(const std::vector<net::Shard*>& shards,
                                                 const engineio::Options& options) {
  return std::make_unique<engineio::Server>(
      shards, options, [](engineio::Session& session, const net::http::Request&) {
        return std::make_unique<Echo>(session);
      });
}

}  // namespace trackwire::conformance
