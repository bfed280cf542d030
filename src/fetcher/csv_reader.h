#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace trackwire::fetcher {

/// Reads a CSV file row by row, plain or gzip, in bounded memory.
///
/// Quotes, doubled quotes, line breaks inside quotes, LF and CRLF, a byte order mark at the start;
/// empty lines are skipped. Spec: RFC 4180.
class CsvReader {
 public:
  enum class Row { kRow, kBad, kEnd };
  struct Limits {
    size_t max_row_bytes = 65'536;
    size_t max_fields = 256;
  };

  /// Errors: `cannot_open`.
  static Result<std::unique_ptr<CsvReader>> Open(const std::string& path, const Limits& limits);
  ~CsvReader();
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  /// The next row. kBad: it breaks the grammar or a limit; the next one begins after the line
  /// where that was seen. Errors: `unreadable` (damaged or cut gzip, input/output).
  Result<Row> Next();
  /// The fields of the row; borrowed until the next Next().
  const std::vector<std::string_view>& fields() const { return fields_; }
  /// Line on which the row began, from 1.
  size_t line() const { return row_line_; }

 private:
  enum class State { kFieldStart, kPlain, kQuoted, kQuoteInQuoted, kSkip };
  struct File;

  CsvReader(std::unique_ptr<File> file, const Limits& limits);
  Result<int> NextByte();
  void Begin();
  /// True when the byte ends the row.
  bool Take(char c);
  void EndField();
  void Append(char c);
  Row Finish();

  std::unique_ptr<File> file_;
  Limits limits_;
  std::string buffer_;
  size_t at_ = 0;
  size_t line_ = 1;
  size_t row_line_ = 1;
  bool first_ = true;
  State state_ = State::kFieldStart;
  bool bad_ = false;
  std::string text_;
  std::vector<size_t> ends_;  ///< of the fields in text_
  std::vector<std::string_view> fields_;
};

}  // namespace trackwire::fetcher
