#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace trackwire::cli {

/// A file that appears under its name only when it is whole, or standard output. One thread.
class OutputFile {
 public:
  /// Empty or `-`: standard output. Errors: `cannot_open`.
  static Result<std::unique_ptr<OutputFile>> Open(const std::string& path);
  /// Without Finish(): what was written to a file is gone again.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Errors: `cannot_write`.
  Result<void> Write(std::string_view bytes);
  /// Puts the file in its place. Errors: `cannot_write`.
  Result<void> Finish();

 private:
  OutputFile(std::FILE* file, std::string path);
  Error WriteError() const;
  std::string part() const { return path_ + ".part"; }

  std::FILE* file_;
  const std::string path_;  ///< empty: standard output
  bool finished_ = false;
};

}  // namespace trackwire::cli
