#include "fetcher/csv_reader.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>

#include "tests/support/temp_dir.h"

namespace trackwire::fetcher {
namespace {

class CsvReaderTest : public testing::Test {
 protected:
  /// Rows as `a|b|c`, bad ones as `!line`, an error as its code.
  std::vector<std::string> Rows(const std::string& bytes, CsvReader::Limits limits = {}) {
    std::ofstream(path_, std::ios::binary) << bytes;
    return RowsOfFile(limits);
  }
  std::vector<std::string> RowsOfFile(CsvReader::Limits limits = {}) {
    auto reader = CsvReader::Open(path_, limits);
    if (!reader) return {reader.error().code};
    std::vector<std::string> rows;
    for (;;) {
      auto row = (*reader)->Next();
      if (!row) {
        rows.push_back(row.error().code);
        return rows;
      }
      if (*row == CsvReader::Row::kEnd) return rows;
      if (*row == CsvReader::Row::kBad) {
        rows.push_back("!" + std::to_string((*reader)->line()));
        continue;
      }
      std::string text;
      for (const std::string_view field : (*reader)->fields()) {
        if (!text.empty()) text += '|';
        text += field.empty() ? "-" : std::string(field);
      }
      rows.push_back(text);
    }
  }
  std::string Gzipped(const std::string& bytes) {
    gzFile file = gzopen(path_.c_str(), "wb");
    gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(file);
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  test::TempDir directory_;
  std::string path_ = directory_.File("x.csv");
};

using List = std::vector<std::string>;

TEST_F(CsvReaderTest, ReadsPlainRows) {
  EXPECT_EQ(Rows("a,b\n1,2\r\n,\n3,4"), (List{"a|b", "1|2", "-|-", "3|4"}));
  EXPECT_EQ(Rows(""), List{});
  EXPECT_EQ(Rows("\n\r\n\n"), List{});
  EXPECT_EQ(Rows("\xef\xbb\xbf" "a\n"), List{"a"});
}

TEST_F(CsvReaderTest, ReadsQuotes) {
  EXPECT_EQ(Rows("\"a,b\",\"c\"\"d\"\n\"two\nlines\",\"\"\r\n"),
            (List{"a,b|c\"d", "two\nlines|-"}));
}

TEST_F(CsvReaderTest, SkipsBadRowsAndGoesOn) {
  EXPECT_EQ(Rows("a\"b,c\ngood,1\n\"x\"y,2\ngood,2\n"), (List{"!1", "good|1", "!3", "good|2"}));
  EXPECT_EQ(Rows("a\n\"never closed"), (List{"a", "!2"}));
}

TEST_F(CsvReaderTest, LimitsBoundARow) {
  EXPECT_EQ(Rows("abcdef\nabcde\n", {5, 10}), (List{"!1", "abcde"}));
  EXPECT_EQ(Rows("1,2,3\n1,2\n,,,,,\n", {100, 2}), (List{"!1", "1|2", "!3"}));
}

TEST_F(CsvReaderTest, ReadsAcrossItsBuffer) {
  std::string bytes;
  List expected;
  for (int i = 0; i < 20'000; ++i) {
    bytes += std::to_string(i) + ",\"q\"\"" + std::to_string(i) + "\"\r\n";
    expected.push_back(std::to_string(i) + "|q\"" + std::to_string(i));
  }
  EXPECT_EQ(Rows(bytes), expected);
  Gzipped(bytes);
  EXPECT_EQ(RowsOfFile(), expected);
}

TEST_F(CsvReaderTest, SaysThatAGzipFileIsCutOrDamaged) {
  const std::string whole = Gzipped("a,b\n1,2\n3,4\n");
  List cut = Rows(whole.substr(0, whole.size() - 9));
  ASSERT_FALSE(cut.empty());
  EXPECT_EQ(cut.back(), "unreadable");
  std::string damaged = whole;
  damaged[whole.size() - 6] ^= 0x55;
  List rows = Rows(damaged);
  ASSERT_FALSE(rows.empty());
  EXPECT_EQ(rows.back(), "unreadable");
}

TEST_F(CsvReaderTest, SaysThatThereIsNoFile) {
  EXPECT_EQ(RowsOfFile(), List{"cannot_open"});
}

}  // namespace
}  // namespace trackwire::fetcher
