#include "formats/csv_scanner.h"

#include <gtest/gtest.h>

namespace trackwire::formats {
namespace {

using List = std::vector<std::string>;

/// Rows as `a|b|c`, bad ones as `!line`.
List Rows(const std::string& bytes, CsvScanner::Limits limits = {}) {
  CsvScanner scanner(limits);
  List rows;
  const auto take = [&](CsvScanner::Row row) {
    if (row == CsvScanner::Row::kMore) return;
    if (row == CsvScanner::Row::kBad) {
      rows.push_back("!" + std::to_string(scanner.line()));
      return;
    }
    std::string text;
    for (const std::string_view field : scanner.fields()) {
      if (!text.empty()) text += '|';
      text += field.empty() ? "-" : std::string(field);
    }
    rows.push_back(text);
  };
  for (const char c : bytes) take(scanner.Take(c));
  take(scanner.End());
  return rows;
}

TEST(CsvScannerTest, ReadsPlainRows) {
  EXPECT_EQ(Rows("a,b\n1,2\r\n,\n3,4"), (List{"a|b", "1|2", "-|-", "3|4"}));
  EXPECT_EQ(Rows(""), List{});
  EXPECT_EQ(Rows("\n\r\n\n"), List{});
}

TEST(CsvScannerTest, ReadsAByteOrderMarkAtTheStartOnly) {
  EXPECT_EQ(Rows("\xef\xbb\xbf"
                 "a,b\n"),
            List{"a|b"});
  EXPECT_EQ(Rows("\xef\xbb\xbf\"a\",b\n\"x\"y\n"), (List{"a|b", "!2"}));
  EXPECT_EQ(Rows("\xef\xbb\xbf"), List{});
  EXPECT_EQ(Rows("a\n\xef\xbb\xbf"
                 "b\n"),
            (List{"a",
                  "\xef\xbb\xbf"
                  "b"}));
}

TEST(CsvScannerTest, ReadsQuotes) {
  EXPECT_EQ(Rows("\"a,b\",\"c\"\"d\"\n\"two\nlines\",\"\"\r\n"),
            (List{"a,b|c\"d", "two\nlines|-"}));
}

TEST(CsvScannerTest, SkipsBadRowsAndGoesOn) {
  EXPECT_EQ(Rows("a\"b,c\ngood,1\n\"x\"y,2\ngood,2\n"), (List{"!1", "good|1", "!3", "good|2"}));
  EXPECT_EQ(Rows("a\n\"never closed"), (List{"a", "!2"}));
}

TEST(CsvScannerTest, LimitsBoundARow) {
  EXPECT_EQ(Rows("abcdef\nabcde\n", {5, 10}), (List{"!1", "abcde"}));
  EXPECT_EQ(Rows("1,2,3\n1,2\n,,,,,\n", {100, 2}), (List{"!1", "1|2", "!3"}));
}

}  // namespace
}  // namespace trackwire::formats
