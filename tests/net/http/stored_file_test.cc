#include "net/http/stored_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_dir.h"

namespace trackwire::net::http {
namespace {

class StoredFileTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& content) {
    const std::string path = directory_.File(name);
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }

  test::TempDir directory_;
};

Request Get(const std::string& known_etag = "") {
  Request request;
  request.method = "GET";
  if (!known_etag.empty()) request.headers.Add("If-None-Match", known_etag);
  return request;
}

TEST_F(StoredFileTest, IsServedWithItsTypeAndContent) {
  const auto file = StoredFile::Load(Write("page.html", std::string("a\0b", 3)));
  ASSERT_TRUE(file);
  const Response answer = file->Answer(Get());
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content(), std::string("a\0b", 3));
  EXPECT_EQ(answer.headers.Find("Content-Type"), "text/html; charset=utf-8");
}

TEST_F(StoredFileTest, IsNotSentAgainToWhoHasIt) {
  const auto file = StoredFile::Load(Write("a.css", "p{}"));
  ASSERT_TRUE(file);
  const std::string etag(file->Answer(Get()).headers.Find("ETag").value());
  EXPECT_EQ(file->Answer(Get(etag)).status, 304);
  EXPECT_EQ(file->Answer(Get(etag)).content(), "");

  const auto changed = StoredFile::Load(Write("a.css", "q{}"));
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->Answer(Get(etag)).status, 200);
}

TEST_F(StoredFileTest, IsSentPackedToWhoTakesItSo) {
  const auto file = StoredFile::Load(Write("a.txt", std::string(5'000, 'x')));
  ASSERT_TRUE(file);
  Request request = Get();
  request.headers.Add("Accept-Encoding", "gzip");
  const Response packed = file->Answer(request);
  EXPECT_EQ(packed.headers.Find("Content-Encoding"), "gzip");
  EXPECT_LT(packed.content().size(), 100u);
  EXPECT_EQ(packed.headers.Find("Vary"), "Accept-Encoding");
  EXPECT_EQ(file->Answer(Get()).content().size(), 5'000u);
}

TEST_F(StoredFileTest, MayBeEmpty) {
  const auto file = StoredFile::Load(Write("empty.txt", ""));
  ASSERT_TRUE(file);
  EXPECT_EQ(file->Answer(Get()).content(), "");
}

TEST_F(StoredFileTest, IsRefusedWhenItIsNoneOrTooLong) {
  const auto missing = StoredFile::Load(directory_.File("missing.html"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, "no_file");
  EXPECT_FALSE(StoredFile::Load(directory_.File("")));

  const std::string path = Write("long.txt", "");
  std::filesystem::resize_file(path, StoredFile::kMaxBytes + 1);  // sparse
  const auto too_long = StoredFile::Load(path);
  ASSERT_FALSE(too_long);
  EXPECT_EQ(too_long.error().code, "too_large");
}

TEST(MediaType, GoesByTheEnding) {
  EXPECT_EQ(MediaType("/a/b.js"), "text/javascript; charset=utf-8");
  EXPECT_EQ(MediaType("/a.html.zip"), "application/octet-stream");
  EXPECT_EQ(MediaType("/html"), "application/octet-stream");
}

}  // namespace
}  // namespace trackwire::net::http
