#include "cli/output_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace trackwire::cli {

Result<std::unique_ptr<OutputFile>> OutputFile::Open(const std::string& path) {
  const bool standard = path.empty() || path == "-";
  std::FILE* file = standard ? stdout : std::fopen((path + ".part").c_str(), "we");
  if (file == nullptr) return Err("cannot_open", path + ".part: " + std::strerror(errno));
  return std::unique_ptr<OutputFile>(new OutputFile(file, standard ? "" : path));
}

OutputFile::OutputFile(std::FILE* file, std::string path) : file_(file), path_(std::move(path)) {}

OutputFile::~OutputFile() {
  if (path_.empty()) return;
  if (file_ != nullptr) std::fclose(file_);
  if (!finished_) ::unlink(part().c_str());
}

Error OutputFile::WriteError() const {
  return {"cannot_write", (path_.empty() ? "standard output" : path_) + ": " + std::strerror(errno)};
}

Result<void> OutputFile::Write(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) return Err(WriteError());
  return Ok();
}

Result<void> OutputFile::Finish() {
  if (path_.empty()) {
    if (std::fflush(file_) != 0) return Err(WriteError());
    return Ok();
  }
  const bool closed = std::fclose(std::exchange(file_, nullptr)) == 0;
  if (!closed || std::rename(part().c_str(), path_.c_str()) != 0) return Err(WriteError());
  finished_ = true;
  return Ok();
}

}  // namespace trackwire::cli
