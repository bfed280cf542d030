#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http/message.h"

namespace trackwire::net::http {

/// The media type by the ending of a name; `application/octet-stream` for unknown ones.
std::string_view MediaType(std::string_view name);
/// A weak ETag, the same for the same content: packed and unpacked it says the same in other bytes.
std::string ContentEtag(std::string_view content);

/// A file that is served from memory, packed for clients that take it so. Immutable; cheap to copy.
class StoredFile {
 public:
  static constexpr size_t kMaxBytes = 64u << 20;

  /// Reads it. Errors: `no_file` when it is no file that can be read, `too_large` above kMaxBytes.
  /// Blocks.
  static Result<StoredFile> Load(const std::string& file);
  /// What a GET or HEAD for it is answered: 200, or 304 to who has it already.
  Response Answer(const Request& request) const;

 private:
  StoredFile(std::string content, std::string_view type);

  std::shared_ptr<const std::string> content_;
  std::shared_ptr<const std::string> gzip_;  ///< nothing: it would not be shorter
  std::string type_;
  std::string etag_;
};

}  // namespace trackwire::net::http
