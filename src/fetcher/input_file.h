#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace trackwire::fetcher {

/// Reads a file piece by piece, plain or gzip. Blocking.
class InputFile {
 public:
  /// Errors: `cannot_open`.
  static Result<std::unique_ptr<InputFile>> Open(const std::string& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  /// The next bytes, borrowed until the next Read(); none at the end. Errors: `unreadable`
  /// (damaged or cut gzip, input/output).
  Result<std::string_view> Read();
  /// How much of the file on disk has been read, and its length; 0 when that cannot be known.
  uint64_t position() const;
  uint64_t size() const { return size_; }

 private:
  struct Handle;
  InputFile(std::unique_ptr<Handle> handle, std::string path, uint64_t size);

  std::unique_ptr<Handle> handle_;
  const std::string path_;
  const uint64_t size_;
  std::string buffer_;
};

}  // namespace trackwire::fetcher
