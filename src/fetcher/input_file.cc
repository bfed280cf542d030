#include "fetcher/input_file.h"

#include <sys/stat.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace trackwire::fetcher {
namespace {

constexpr size_t kReadBytes = 65'536;

}  // namespace

struct InputFile::Handle {
  gzFile file = nullptr;
  ~Handle() {
    if (file != nullptr) gzclose(file);
  }
};

Result<std::unique_ptr<InputFile>> InputFile::Open(const std::string& path) {
  struct ::stat about {};
  if (::stat(path.c_str(), &about) != 0) {
    return Err("cannot_open", path + ": " + std::strerror(errno));
  }
  if (S_ISDIR(about.st_mode)) return Err("cannot_open", path + ": is a directory");
  auto handle = std::make_unique<Handle>();
  errno = 0;
  handle->file = gzopen(path.c_str(), "rbe");
  if (handle->file == nullptr) {
    return Err("cannot_open", path + ": " + (errno != 0 ? std::strerror(errno) : "out of memory"));
  }
  const auto size = S_ISREG(about.st_mode) ? static_cast<uint64_t>(about.st_size) : 0;
  return std::unique_ptr<InputFile>(new InputFile(std::move(handle), path, size));
}

InputFile::InputFile(std::unique_ptr<Handle> handle, std::string path, uint64_t size)
    : handle_(std::move(handle)), path_(std::move(path)), size_(size) {}
InputFile::~InputFile() = default;

Result<std::string_view> InputFile::Read() {
  buffer_.resize(kReadBytes);
  const int got = gzread(handle_->file, buffer_.data(), kReadBytes);
  int code = Z_OK;
  const char* text = gzerror(handle_->file, &code);
  // A gzip file that was cut reads as if it ended, but with Z_BUF_ERROR.
  if (got < 0 || (got == 0 && code != Z_OK && code != Z_STREAM_END)) {
    return Err("unreadable", path_ + ": " + (code == Z_ERRNO ? std::strerror(errno) : text));
  }
  return std::string_view(buffer_).substr(0, static_cast<size_t>(got));
}

uint64_t InputFile::position() const {
  const auto at = gzoffset(handle_->file);
  return at < 0 ? 0 : static_cast<uint64_t>(at);
}

}  // namespace trackwire::fetcher
