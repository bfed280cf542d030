#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trackwire::net::http {

/// Names and values in the order they came or go. Names are compared without case.
class Headers {
 public:
  void Add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
  }
  /// Replaces all of that name by one.
  void Set(std::string_view name, std::string value);
  void Reserve(size_t fields) { fields_.reserve(fields); }
  /// The first of that name.
  std::optional<std::string_view> Find(std::string_view name) const;
  /// How many fields have that name.
  size_t Count(std::string_view name) const;
  /// Whether a comma-separated list in any field of that name holds `token` (without case).
  bool HasToken(std::string_view name, std::string_view token) const;
  const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// The query of a request target, decoded; of a name given twice the last counts.
class Query {
 public:
  /// A pair takes 64 bytes and may be sent in two: who parses a client's query first looks that
  /// it has no more pairs than this.
  static constexpr size_t kMaxFields = 256;

  /// How many pairs Parse() would make.
  static size_t CountFields(std::string_view text);
  /// Broken escapes are kept as written.
  static Query Parse(std::string_view text);
  std::optional<std::string_view> Find(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// A request head. Spec: RFC 9112.
struct Request {
  std::string method;
  std::string target;          ///< as sent
  std::string path;            ///< percent-decoded, without query
  Query query;
  Headers headers;
  uint8_t version_minor = 1;   ///< HTTP/1.x
  bool keep_alive = true;
  bool upgrade = false;        ///< Connection: upgrade and an Upgrade field
  std::optional<uint64_t> content_length;
  std::string remote_address;  ///< of the peer, without port
  bool secure = false;         ///< came over TLS

  /// Value of a cookie, quotes removed.
  std::optional<std::string> Cookie(std::string_view name) const;
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  /// Instead of `body`: bytes shared by many answers.
  std::shared_ptr<const std::string> shared_body;
  bool close = false;          ///< ends the connection after this answer
  /// Bodies of so many bytes and more may be packed for clients that take them so; nothing: never.
  /// Not for a body that holds a secret beside what others may have put into it: its length would
  /// tell the one by the other.
  std::optional<size_t> compress_from;

  static Response Text(int status, std::string body);
  static Response Json(int status, std::string body);
  std::string_view content() const { return shared_body ? *shared_body : body; }
};

const char* StatusText(int status);
/// Whether it may stand in a method or the name of a field. Spec: RFC 9110 section 5.6.2.
bool IsTokenChar(char c);

}  // namespace trackwire::net::http
