#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace trackwire::broker {

/// Keeps other processes away from a file for as long as it lives; the death of the process frees
/// it, however it dies.
class FileLock {
 public:
  /// Takes the lock of `path` by the file `path` + ".lock", made when missing. Errors: `in_use`,
  /// `cannot_open`.
  static Result<std::unique_ptr<FileLock>> Take(const std::string& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace trackwire::broker
