#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace trackwire::broker {

struct RedisAddress {
  std::string host;  ///< name, IPv4 or IPv6 without brackets; of a unix socket its path
  uint16_t port = 6379;
  bool is_unix = false;
  std::string ToString() const;
  friend bool operator==(const RedisAddress&, const RedisAddress&) = default;
};

/// Where Redis is and how to be let in. From one URL:
///
/// - `redis://[user:password@]host[:port][,host2[:port]…][/database]`; several hosts are the first
///   ones to ask in a cluster;
/// - `rediss://…` the same over TLS;
/// - `unix:///path/to/socket[?db=N]`;
/// - `redis+sentinel://[user:password@]host:port[,…]/master-name[/database]`, `rediss+sentinel://`;
///   `?sentinel_user=…&sentinel_password=…` for Sentinels with a password of their own.
///
/// Text is percent-decoded. Whether a server is part of a cluster is asked of the server.
struct RedisTarget {
  std::vector<RedisAddress> addresses;  ///< of servers, or of the Sentinels
  std::string sentinel_master;          ///< not empty: the addresses are Sentinels
  std::string user;
  std::string password;
  std::string sentinel_user;
  std::string sentinel_password;
  uint32_t database = 0;
  bool tls = false;
  std::string tls_ca_file;    ///< PEM; empty: the system's authorities
  std::string tls_cert_file;  ///< of the client, when the server asks for one
  std::string tls_key_file;
  bool tls_verify = true;     ///< the server's certificate and name

  /// For logs: without the password.
  std::string ToString() const;
};

/// Errors: code `bad_url`, with a sentence that never repeats a password.
Result<RedisTarget> ParseRedisUrl(std::string_view url);

}  // namespace trackwire::broker
