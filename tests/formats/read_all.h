#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"
#include "formats/point_reader.h"

namespace trackwire::formats {

/// A whole file read: what came of it, and the code of the error that ended it.
struct WholeFile : ReadPoints {
  std::string error;
  uint64_t moved = 0;

  std::vector<std::string> reasons() const {
    std::vector<std::string> out;
    for (const BadEntry& entry : bad) {
      out.push_back(std::string(entry.reason) + "@" + std::to_string(entry.line));
    }
    return out;
  }
};

inline WholeFile ReadAll(FileFormat format, std::string_view bytes, size_t piece = 1 << 20,
                         const ReaderOptions& options = {}) {
  auto reader = MakePointReader(format, options);
  WholeFile whole;
  for (size_t at = 0; at < bytes.size() && whole.error.empty(); at += piece) {
    auto done = reader->Feed(bytes.substr(at, piece), whole);
    if (!done) whole.error = done.error().code;
  }
  if (whole.error.empty()) {
    auto done = reader->Finish(whole);
    if (!done) whole.error = done.error().code;
  }
  whole.moved = reader->moved_times();
  return whole;
}

/// The same whatever the pieces are.
inline WholeFile ReadInAnyPieces(FileFormat format, std::string_view bytes,
                                 const ReaderOptions& options = {}) {
  WholeFile whole = ReadAll(format, bytes, 1 << 20, options);
  for (const size_t piece : {1, 2, 3, 7, 100}) {
    const WholeFile again = ReadAll(format, bytes, piece, options);
    EXPECT_EQ(again.points.size(), whole.points.size()) << piece;
    EXPECT_EQ(again.reasons(), whole.reasons()) << piece;
    EXPECT_EQ(again.error, whole.error) << piece;
  }
  return whole;
}

inline std::string TimeText(const FilePoint& point) {
  return point.has_time ? base::FormatTime(point.report.fix.fix_time) : "-";
}

}  // namespace trackwire::formats
