#include "fetcher/csv_reader.h"

#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace trackwire::fetcher {
namespace {

constexpr size_t kReadBytes = 65'536;
constexpr int kEndOfFile = -1;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace

struct CsvReader::File {
  gzFile handle = nullptr;
  ~File() {
    if (handle != nullptr) gzclose(handle);
  }
};

Result<std::unique_ptr<CsvReader>> CsvReader::Open(const std::string& path, const Limits& limits) {
  auto file = std::make_unique<File>();
  errno = 0;
  file->handle = gzopen(path.c_str(), "rbe");
  if (file->handle == nullptr) {
    return Err("cannot_open", path + ": " + (errno != 0 ? std::strerror(errno) : "out of memory"));
  }
  return std::unique_ptr<CsvReader>(new CsvReader(std::move(file), limits));
}

CsvReader::CsvReader(std::unique_ptr<File> file, const Limits& limits)
    : file_(std::move(file)), limits_(limits) {}
CsvReader::~CsvReader() = default;

Result<int> CsvReader::NextByte() {
  if (at_ == buffer_.size()) {
    buffer_.resize(kReadBytes);
    const int got = gzread(file_->handle, buffer_.data(), kReadBytes);
    int code = Z_OK;
    const char* text = gzerror(file_->handle, &code);
    // A gzip file that was cut reads as if it ended, but with Z_BUF_ERROR.
    if (got < 0 || (got == 0 && code != Z_OK && code != Z_STREAM_END)) {
      buffer_.clear();
      at_ = 0;
      return Err("unreadable", code == Z_ERRNO ? std::strerror(errno) : text);
    }
    buffer_.resize(static_cast<size_t>(got));
    at_ = 0;
    if (first_) {
      first_ = false;
      if (std::string_view(buffer_).starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
    }
    if (at_ == buffer_.size()) return kEndOfFile;
  }
  return static_cast<unsigned char>(buffer_[at_++]);
}

void CsvReader::Begin() {
  state_ = State::kFieldStart;
  bad_ = false;
  text_.clear();
  ends_.clear();
  row_line_ = line_;
}

void CsvReader::Append(char c) {
  text_ += c;
  if (text_.size() > limits_.max_row_bytes) {
    bad_ = true;
    state_ = State::kSkip;
  }
}

void CsvReader::EndField() {
  ends_.push_back(text_.size());
  state_ = State::kFieldStart;
  // At least one more field follows the comma.
  if (ends_.size() >= limits_.max_fields) {
    bad_ = true;
    state_ = State::kSkip;
  }
}

bool CsvReader::Take(char c) {
  if (c == '\n') ++line_;
  switch (state_) {
    case State::kSkip: return c == '\n';
    case State::kQuoted:
      if (c == '"') {
        state_ = State::kQuoteInQuoted;
      } else {
        Append(c);
      }
      return false;
    case State::kQuoteInQuoted:
      if (c == '"') {
        state_ = State::kQuoted;
        Append(c);
        return false;
      }
      if (c != ',' && c != '\n' && c != '\r') {
        bad_ = true;
        state_ = State::kSkip;
        return false;
      }
      break;
    case State::kFieldStart:
      if (c == '"') {
        state_ = State::kQuoted;
        return false;
      }
      break;
    case State::kPlain:
      if (c == '"') {
        bad_ = true;
        state_ = State::kSkip;
        return false;
      }
      break;
  }
  if (c == '\n') return true;
  if (c == '\r') return false;  // part of the line break
  if (c == ',') {
    EndField();
    return false;
  }
  state_ = State::kPlain;
  Append(c);
  return false;
}

CsvReader::Row CsvReader::Finish() {
  if (bad_) return Row::kBad;
  ends_.push_back(text_.size());
  fields_.clear();
  size_t begin = 0;
  for (const size_t end : ends_) {
    fields_.push_back(std::string_view(text_).substr(begin, end - begin));
    begin = end;
  }
  return Row::kRow;
}

Result<CsvReader::Row> CsvReader::Next() {
  Begin();
  bool any = false;
  for (;;) {
    auto byte = NextByte();
    if (!byte) return Err(std::move(byte.error()));
    if (*byte == kEndOfFile) {
      if (!any) return Row::kEnd;
      if (state_ == State::kQuoted) bad_ = true;
      return Finish();
    }
    const char c = static_cast<char>(*byte);
    if (!any && (c == '\n' || c == '\r')) {
      if (c == '\n') ++line_;
      Begin();
      continue;
    }
    any = true;
    if (Take(c)) return Finish();
  }
}

}  // namespace trackwire::fetcher
