#include "fetcher/input_file.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>

#include "tests/support/temp_dir.h"

namespace trackwire::fetcher {
namespace {

class InputFileTest : public testing::Test {
 protected:
  /// All that can be read; then the code of the error, if any.
  std::pair<std::string, std::string> ReadAll() {
    auto file = InputFile::Open(path_);
    if (!file) return {"", file.error().code};
    std::string all;
    for (;;) {
      auto piece = (*file)->Read();
      if (!piece) return {all, piece.error().code};
      if (piece->empty()) break;
      all += *piece;
      EXPECT_LE((*file)->position(), (*file)->size());
    }
    EXPECT_EQ((*file)->position(), (*file)->size());
    return {all, ""};
  }
  void Write(const std::string& bytes) { std::ofstream(path_, std::ios::binary) << bytes; }
  std::string Gzipped(const std::string& bytes) {
    gzFile file = gzopen(path_.c_str(), "wb");
    gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(file);
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  test::TempDir directory_;
  std::string path_ = directory_.File("x");
};

TEST_F(InputFileTest, ReadsPlainAndPacked) {
  std::string bytes;
  for (int i = 0; i < 50'000; ++i) bytes += std::to_string(i) + "\n";
  Write(bytes);
  EXPECT_EQ(ReadAll(), std::make_pair(bytes, std::string()));
  Gzipped(bytes);
  EXPECT_EQ(ReadAll(), std::make_pair(bytes, std::string()));
  Write("");
  EXPECT_EQ(ReadAll(), std::make_pair(std::string(), std::string()));
}

TEST_F(InputFileTest, SaysThatAPackedFileIsCutOrDamaged) {
  const std::string whole = Gzipped("a,b\n1,2\n3,4\n");
  Write(whole.substr(0, whole.size() - 9));
  EXPECT_EQ(ReadAll().second, "unreadable");
  std::string damaged = whole;
  damaged[whole.size() - 6] ^= 0x55;
  Write(damaged);
  EXPECT_EQ(ReadAll().second, "unreadable");
}

TEST_F(InputFileTest, SaysThatThereIsNoFile) {
  EXPECT_EQ(ReadAll().second, "cannot_open");
  path_ = directory_.File("");
  EXPECT_EQ(ReadAll().second, "cannot_open") << "a directory";
}

}  // namespace
}  // namespace trackwire::fetcher
