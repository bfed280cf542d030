#include <fstream>

#include "auth/key_fetcher.h"

namespace trackwire::auth {
namespace {

class FileFetcher final : public KeyFetcher {
 public:
  FileFetcher(std::string path, size_t max_bytes) : path_(std::move(path)), max_bytes_(max_bytes) {}

  Result<std::string> Fetch() override {
    std::ifstream file(path_, std::ios::binary);
    std::string text(max_bytes_ + 1, '\0');
    if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
    // A directory opens but cannot be read.
    if (!file.is_open() || file.bad()) return Err("key_unreadable", "the file cannot be read");
    text.resize(static_cast<size_t>(file.gcount()));
    if (text.size() > max_bytes_) return Err("too_large", "the file is too long for a key set");
    return text;
  }
  void Cancel() override {}

 private:
  const std::string path_;
  const size_t max_bytes_;
};

}  // namespace

std::unique_ptr<KeyFetcher> MakeFileFetcher(std::string path, size_t max_bytes) {
  return std::make_unique<FileFetcher>(std::move(path), max_bytes);
}

}  // namespace trackwire::auth
