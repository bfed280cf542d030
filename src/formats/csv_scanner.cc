#include "formats/csv_scanner.h"

namespace trackwire::formats {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace

void CsvScanner::Begin() {
  state_ = State::kFieldStart;
  bad_ = false;
  begun_ = true;
  text_.clear();
  ends_.clear();
  row_line_ = line_;
}

void CsvScanner::Fail() {
  bad_ = true;
  state_ = State::kSkip;
}

void CsvScanner::Append(char c) {
  text_ += c;
  if (text_.size() > limits_.max_row_bytes) Fail();
}

void CsvScanner::EndField() {
  ends_.push_back(text_.size());
  state_ = State::kFieldStart;
  // At least one more field follows the comma.
  if (ends_.size() >= limits_.max_fields) Fail();
}

bool CsvScanner::TakeInRow(char c) {
  if (c == '\n') ++line_;
  switch (state_) {
    case State::kSkip:
      return c == '\n';
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
        Fail();
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
        Fail();
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

CsvScanner::Row CsvScanner::Finish() {
  begun_ = false;
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

CsvScanner::Row CsvScanner::Take(char c) {
  if (!begun_) {
    if (c == '\n') ++line_;
    if (c == '\n' || c == '\r') {
      first_ = false;
      return Row::kMore;
    }
    Begin();
  }
  if (TakeInRow(c)) {
    first_ = false;
    return Finish();
  }
  if (first_ && ends_.empty() && text_ == kByteOrderMark && state_ == State::kPlain) {
    first_ = begun_ = false;
  }
  return Row::kMore;
}

CsvScanner::Row CsvScanner::End() {
  if (!begun_) return Row::kMore;
  if (state_ == State::kQuoted) bad_ = true;
  return Finish();
}

}  // namespace trackwire::formats
