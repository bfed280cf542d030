#include "broker/redis/redis_url.h"

#include <charconv>
#include <optional>

#include "base/text.h"

namespace trackwire::broker {
namespace {

constexpr uint16_t kPort = 6379;
constexpr uint16_t kSentinelPort = 26379;
constexpr uint32_t kMaxDatabase = 65'535;

/// The text never holds more of the URL than a part that is no secret.
Unexpected<Error> Bad(const std::string& why) { return Err("bad_url", "redis.url: " + why); }

std::optional<uint32_t> Number(std::string_view text, uint32_t most) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

/// Cuts what stands before `separator` off `text`; all of it when there is none.
std::string_view CutTo(std::string_view& text, char separator) {
  const size_t end = std::min(text.find(separator), text.size());
  const std::string_view before = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return before;
}

/// True when `encoded` could be decoded into `out`. Text with a NUL names nothing.
bool Decode(std::string_view encoded, std::string& out) {
  auto decoded = base::PercentDecode(encoded, false);
  if (!decoded || decoded->find('\0') != std::string::npos) return false;
  out = std::move(*decoded);
  return true;
}

Result<void> ReadCredentials(std::string_view text, RedisTarget& target) {
  if (text.find(':') == std::string_view::npos) {
    return Bad("before the @ stands user:password or :password");
  }
  const std::string_view user = CutTo(text, ':');
  if (!Decode(user, target.user) || !Decode(text, target.password)) {
    return Bad("the user or the password is not properly percent-encoded");
  }
  if (!target.user.empty() && target.password.empty()) return Bad("the user has no password");
  return Ok();
}

Result<RedisAddress> ReadAddress(std::string_view text, uint16_t default_port) {
  RedisAddress address;
  address.port = default_port;
  std::string_view host = text;
  std::optional<std::string_view> port;
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) return Bad("a [ without ]");
    host = text.substr(1, end - 1);
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && rest[0] != ':') return Bad("after ] comes : and the port");
    if (!rest.empty()) port = rest.substr(1);
    if (host.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos) {
      return Bad("between [ and ] stands an IPv6 address");
    }
  } else if (const size_t colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  if (host.empty()) return Bad("a host is missing");
  if (!Decode(host, address.host) ||
      address.host.find_first_of(" /\\@?#\r\n\t") != std::string::npos) {
    return Bad("a host's name is not properly written");
  }
  if (port) {
    const auto number = Number(*port, 65'535);
    if (!number || *number == 0) return Bad("a port is a number from 1 to 65535");
    address.port = static_cast<uint16_t>(*number);
  }
  return address;
}

Result<void> ReadAddresses(std::string_view text, uint16_t default_port, RedisTarget& target) {
  while (true) {
    const bool more = text.find(',') != std::string_view::npos;
    auto address = ReadAddress(CutTo(text, ','), default_port);
    if (!address) return Err(address.error());
    target.addresses.push_back(std::move(*address));
    if (!more) return Ok();
  }
}

Result<void> ReadDatabase(std::string_view text, RedisTarget& target) {
  const auto number = Number(text, kMaxDatabase);
  if (!number) return Bad("the database is a number");
  target.database = *number;
  return Ok();
}

Result<void> ReadQuery(std::string_view query, bool is_unix, RedisTarget& target) {
  while (!query.empty()) {
    std::string_view value = CutTo(query, '&');
    const std::string_view key = CutTo(value, '=');
    const bool sentinel = !target.sentinel_master.empty();
    if (is_unix && key == "db") {
      if (auto read = ReadDatabase(value, target); !read) return read;
    } else if (sentinel && (key == "sentinel_user" || key == "sentinel_password")) {
      auto& field = key == "sentinel_user" ? target.sentinel_user : target.sentinel_password;
      if (!Decode(value, field)) return Bad("the query is not properly percent-encoded");
    } else {
      return Bad("a part of the query is unknown here");
    }
  }
  if (!target.sentinel_user.empty() && target.sentinel_password.empty()) {
    return Bad("sentinel_user has no sentinel_password");
  }
  return Ok();
}

Result<void> ReadPath(std::string_view path, bool sentinel, RedisTarget& target) {
  if (sentinel) {
    if (!Decode(CutTo(path, '/'), target.sentinel_master) || target.sentinel_master.empty()) {
      return Bad("after the Sentinels comes / and the master's name");
    }
  }
  return path.empty() ? Ok() : ReadDatabase(path, target);
}

Result<void> ReadUnix(std::string_view authority, std::string_view path, RedisTarget& target) {
  if (!authority.empty()) {
    if (!authority.ends_with('@')) return Bad("a socket's path begins with /, as in unix:///path");
    if (auto read = ReadCredentials(authority.substr(0, authority.size() - 1), target); !read) {
      return read;
    }
  }
  RedisAddress address;
  address.is_unix = true;
  address.port = 0;
  // sun_path has 108 bytes, the last one for the end.
  if (!Decode(path, address.host) || address.host.size() < 2 || address.host.size() > 107) {
    return Bad("the path of a socket has up to 107 bytes");
  }
  target.addresses.push_back(std::move(address));
  return Ok();
}

Result<void> ReadServers(std::string_view authority, std::string_view path, bool sentinel,
                         RedisTarget& target) {
  if (const size_t at = authority.rfind('@'); at != std::string_view::npos) {
    if (auto read = ReadCredentials(authority.substr(0, at), target); !read) return read;
    authority.remove_prefix(at + 1);
  }
  const uint16_t port = sentinel ? kSentinelPort : kPort;
  if (auto read = ReadAddresses(authority, port, target); !read) return read;
  if (!path.empty()) path.remove_prefix(1);
  return ReadPath(path, sentinel, target);
}

}  // namespace

std::string RedisAddress::ToString() const {
  if (is_unix) return host;
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string RedisTarget::ToString() const {
  const bool is_unix = !addresses.empty() && addresses[0].is_unix;
  std::string text = is_unix ? "unix" : tls ? "rediss" : "redis";
  if (!sentinel_master.empty()) text += "+sentinel";
  text += "://";
  if (!user.empty()) text += user + "@";
  for (size_t i = 0; i < addresses.size(); ++i) {
    text += (i > 0 ? "," : "") + addresses[i].ToString();
  }
  if (!sentinel_master.empty()) text += "/" + sentinel_master;
  if (database != 0) text += (is_unix ? "?db=" : "/") + std::to_string(database);
  return text;
}

Result<RedisTarget> ParseRedisUrl(std::string_view url) {
  const size_t scheme_end = url.find("://");
  const std::string_view scheme = url.substr(0, std::min(scheme_end, url.size()));
  const bool sentinel = scheme.ends_with("+sentinel");
  const bool is_unix = scheme == "unix";
  if (scheme_end == std::string_view::npos ||
      !(is_unix || scheme == "redis" || scheme == "rediss" || scheme == "redis+sentinel" ||
        scheme == "rediss+sentinel")) {
    return Bad("begins with redis://, rediss://, unix://, redis+sentinel:// or rediss+sentinel://");
  }
  RedisTarget target;
  target.tls = scheme.starts_with("rediss");
  std::string_view rest = url.substr(scheme_end + 3);
  if (rest.find('#') != std::string_view::npos) return Bad("# has to be written as %23");
  std::string_view query = rest;
  rest = CutTo(query, '?');
  const size_t path_begin = std::min(rest.find('/'), rest.size());
  const std::string_view authority = rest.substr(0, path_begin);
  const std::string_view path = rest.substr(path_begin);
  auto read = is_unix ? ReadUnix(authority, path, target)
                      : ReadServers(authority, path, sentinel, target);
  if (read) read = ReadQuery(query, is_unix, target);
  if (!read) return Err(read.error());
  return target;
}

}  // namespace trackwire::broker
