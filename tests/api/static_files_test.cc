#include "api/static_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_dir.h"

namespace trackwire::api {
namespace {

using net::http::Request;
using net::http::Response;

class StaticFilesTest : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& content) {
    const std::filesystem::path path = directory_.File(name);
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << content;
  }
  Response Get(const std::string& path, const std::string& name = "",
               const std::string& value = "") {
    auto files = StaticFiles::Load(directory_.File(""));
    EXPECT_TRUE(files) << files.error().detail;
    Request request;
    request.method = "GET";
    request.path = path;
    if (!name.empty()) request.headers.Add(name, value);
    return (*files)->Answer(request);
  }
  static std::string Header(const Response& response, std::string_view name) {
    return std::string(response.headers.Find(name).value_or(""));
  }

  test::TempDir directory_;
};

TEST_F(StaticFilesTest, ServesThePageAndItsAssets) {
  Write("index.html", "page");
  Write("assets/a-1.js", "code");
  EXPECT_EQ(Get("/").content(), "page");
  EXPECT_EQ(Get("/index.html").content(), "page");
  EXPECT_EQ(Header(Get("/"), "Cache-Control"), "no-cache");
  const Response asset = Get("/assets/a-1.js");
  EXPECT_EQ(asset.content(), "code");
  EXPECT_EQ(Header(asset, "Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(Header(asset, "Content-Type"), "text/javascript; charset=utf-8");
}

TEST_F(StaticFilesTest, LeavesAFolderOut) {
  Write("index.html", "page");
  Write("tools/index.html", "tool");
  Write("tools.html", "other");
  EXPECT_EQ(Get("/tools").content(), "tool");
  auto files = StaticFiles::Load(directory_.File(""), {.without = "tools"});
  ASSERT_TRUE(files) << files.error().detail;
  EXPECT_EQ((*files)->file_count(), 2u);
  Request request;
  request.method = "GET";
  request.path = "/tools/index.html";
  EXPECT_EQ((*files)->Answer(request).status, 404);
}

TEST_F(StaticFilesTest, LetsPagesOfAFolderMakeStyles) {
  Write("index.html", "page");
  Write("tools/index.html", "tool");
  auto files = StaticFiles::Load(directory_.File(""), {.inline_styles = "tools"});
  ASSERT_TRUE(files) << files.error().detail;
  Request request;
  request.method = "GET";
  for (const auto& [path, style] : {std::pair("/", "style-src 'self';"),
                                    std::pair("/tools", "style-src 'self' 'unsafe-inline';")}) {
    request.path = path;
    const std::string policy = Header((*files)->Answer(request), "Content-Security-Policy");
    EXPECT_NE(policy.find(style), std::string::npos) << policy;
    EXPECT_NE(policy.find("script-src 'self';"), std::string::npos) << policy;
  }
}

TEST_F(StaticFilesTest, SendsPackedFilesToWhoAcceptsThem) {
  Write("index.html", "page");
  Write("index.html.gz", "packed");
  EXPECT_EQ(Get("/").content(), "page");
  const Response packed = Get("/", "Accept-Encoding", "br, gzip");
  EXPECT_EQ(packed.content(), "packed");
  EXPECT_EQ(Header(packed, "Content-Encoding"), "gzip");
  EXPECT_EQ(Header(packed, "Vary"), "Accept-Encoding");
  EXPECT_EQ(Get("/index.html.gz").status, 404);
}

TEST_F(StaticFilesTest, AnswersAKnownTagWithoutTheFile) {
  Write("index.html", "page");
  const std::string tag = Header(Get("/"), "ETag");
  const Response same = Get("/", "If-None-Match", tag);
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.content(), "");
  EXPECT_EQ(tag.substr(0, 3), "W/\"") << "packed and unpacked it is the same";
  EXPECT_EQ(Get("/", "If-None-Match", tag.substr(2)).status, 304);
  EXPECT_EQ(Get("/", "If-None-Match", "\"other\", " + tag).status, 304);
  Write("index.html", "another page");
  EXPECT_EQ(Get("/", "If-None-Match", tag).status, 200);
}

TEST_F(StaticFilesTest, ServesTheFoldersOwnPage) {
  Write("index.html", "page");
  Write("docs/index.html", "documents");
  EXPECT_EQ(Get("/docs").content(), "documents");
  EXPECT_EQ(Get("/docs/").content(), "documents");
  EXPECT_EQ(Header(Get("/docs"), "Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(Get("/docs/x").status, 404);
  EXPECT_EQ(Get("/doc").status, 404);
}

TEST_F(StaticFilesTest, KnowsOnlyWhatIsThere) {
  Write("index.html", "page");
  for (const char* path : {"/x", "/assets/", "/..", "/index.html/", "//index.html"}) {
    EXPECT_EQ(Get(path).status, 404) << path;
  }
}

TEST_F(StaticFilesTest, SaysWhenThePageIsNotThere) {
  auto files = StaticFiles::Load(directory_.File("none"));
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().code, "no_web_files");
  Request request;
  request.method = "GET";
  request.path = "/";
  EXPECT_NE(StaticFiles::Absent()->Answer(request).content().find("not installed"),
            std::string_view::npos);
  request.method = "DELETE";
  EXPECT_EQ(StaticFiles::Absent()->Answer(request).status, 405);
}

}  // namespace
}  // namespace trackwire::api
