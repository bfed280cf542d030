#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "broker/redis/redis_url.h"

namespace trackwire::broker {

using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

/// Loads the authorities, certificate and key that `target` names. Error: `tls`.
Result<TlsContext> MakeTlsContext(const RedisTarget& target);

/// The bytes of one connection over TCP, a unix socket or TLS, for one use.
///
/// Whoever starts an operation keeps the transport alive until its handler has run; after Close()
/// handlers still run, with an error. On the thread of the context.
class RedisTransport {
 public:
  using Handler = std::function<void(const boost::system::error_code&, size_t)>;
  /// Empty when it went well, else why not.
  using Connected = std::function<void(std::string)>;

  /// `tls` may be null. `verify`: the server's certificate has to bear the name that is dialled.
  RedisTransport(boost::asio::io_context& context, TlsContext tls, bool verify);

  void Connect(const RedisAddress& address, Connected done);
  void ReadSome(boost::asio::mutable_buffer into, Handler done);
  /// All of `bytes`, which stay where they are until `done`.
  void Write(boost::asio::const_buffer bytes, Handler done);
  void Close();

 private:
  using Socket = boost::asio::generic::stream_protocol::socket;
  using Endpoint = boost::asio::generic::stream_protocol::endpoint;

  void TryNext(Connected done);
  void OnConnected(Connected done);
  void SetOptions();

  boost::asio::ip::tcp::resolver resolver_;
  Socket socket_;
  TlsContext tls_context_;
  bool verify_;
  std::optional<boost::asio::ssl::stream<Socket&>> tls_;
  RedisAddress address_;
  std::vector<Endpoint> endpoints_;
  size_t next_endpoint_ = 0;
  std::string failure_;
  bool closed_ = false;
};

}  // namespace trackwire::broker
