#pragma once

#include <optional>
#include <string>

#include "net/connections.h"
#include "net/http/answer_parser.h"
#include "net/http/upstream.h"
#include "net/input_charge.h"
#include "net/timer.h"

namespace trackwire::net::http {

/// One connection to another server: idle, or with one request that waits for its answer.
class Upstreams::Line final : public Protocol, private ExchangeWatcher {
 public:
  Line(Upstreams& pool, uint64_t server);

  void Attach(Connection& connection) {
    connection_ = &connection;
    place_ = {connection.slot(), connection.generation()};
  }
  /// Of its connection, also when that is closed.
  const Place& place() const { return place_; }
  uint64_t server() const { return server_; }
  /// Whether it may be asked.
  bool usable() const { return phase_ == Phase::kIdle && !connection_->doomed(); }
  void Begin(Ask ask, const Exchange& exchange, UniqueFunction<void(Failure)> failed);
  /// Closes the connection of an idle one.
  void Close();

  void OnBytes(char* data, size_t size) override;
  void OnEndOfInput() override;
  void OnLost() override;
  void OnWritable() override;

 private:
  enum class Phase : uint8_t { kNew, kConnecting, kAsking, kIdle, kGone };

  /// The client is gone.
  void OnAborted() override;
  void Push();
  void TakeAnswer();
  void HandOn();
  void Join();
  void OnTimer();
  /// No answer will come; the connection is closed.
  void Fail();
  void Fail(Failure failure);
  /// Lets go of the request at hand.
  void EndAsk();

  Upstreams& pool_;
  const uint64_t server_;
  Connection* connection_ = nullptr;
  Place place_;
  Timer timer_;
  InputCharge charge_;
  std::string out_;
  size_t sent_ = 0;
  std::string in_;
  std::optional<AnswerHead> head_;
  Exchange exchange_;
  UniqueFunction<void(Failure)> failed_;
  Phase phase_ = Phase::kNew;
  bool websocket_ = false;
};

}  // namespace trackwire::net::http
