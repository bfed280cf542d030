#include "socketio/client_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/socketio/server_harness.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unpack.h"

namespace trackwire::socketio {
namespace {

using net::http::Request;
using net::http::Response;
using testing::HttpClient;
using testing::Reply;
using testing::Unpack;

const std::string kScript = "/*!\n * Socket.IO v4.8.4\n */\n" + std::string(2'000, 'x');

class ClientFilesTest : public testing::ServerFixture {
 protected:
  void Write(const std::string& name, const std::string& content) {
    std::ofstream(folder_.File(name), std::ios::binary) << content;
  }
  void WriteAll() {
    for (const char* name : {"socket.io.js", "socket.io.min.js", "socket.io.esm.min.js",
                             "socket.io.msgpack.min.js"}) {
      Write(name, kScript + name);
      Write(std::string(name) + ".map", "{}" + std::string(name));
    }
    Write("index.html", "secret");
  }
  ClientFiles Loaded() {
    auto files = ClientFiles::Load(folder_.File(""));
    EXPECT_TRUE(files) << files.error().detail;
    return std::move(*files);
  }
  static Request Get(const std::string& name = "", const std::string& value = "") {
    Request request;
    request.method = "GET";
    if (!name.empty()) request.headers.Add(name, value);
    return request;
  }
  static std::string Header(const Response& response, std::string_view name) {
    return std::string(response.headers.Find(name).value_or(""));
  }
  void ServeFiles(Options options = {}) {
    options.client_files = folder_.File("");
    Prepare(std::move(options));
    Serve();
  }
  Reply Ask(const std::string& method, const std::string& target,
            const std::vector<std::string>& headers = {}) {
    return HttpClient(shards_->port()).Do(method, target, headers);
  }

  test::TempDir folder_;
};

INSTANTIATE_TEST_SUITE_P(Shards, ClientFilesTest, ::testing::Values(1));

TEST_P(ClientFilesTest, KnowsTheVersionAndTheKinds) {
  WriteAll();
  const ClientFiles files = Loaded();
  EXPECT_EQ(files.count(), 8u);
  EXPECT_FALSE(files.Has("index.html"));
  const Response script = files.Answer("socket.io.min.js", Get());
  EXPECT_EQ(script.status, 200);
  EXPECT_EQ(script.content(), kScript + "socket.io.min.js");
  EXPECT_EQ(Header(script, "ETag"), "W/\"4.8.4\"");
  EXPECT_EQ(Header(script, "Content-Type"), "application/javascript; charset=utf-8");
  EXPECT_EQ(Header(script, "Cache-Control"), "public, max-age=0");
  EXPECT_EQ(Header(script, "Vary"), "Accept-Encoding");
  const Response map = files.Answer("socket.io.min.js.map", Get());
  EXPECT_EQ(Header(map, "Content-Type"), "application/json; charset=utf-8");
  EXPECT_EQ(map.content(), "{}socket.io.min.js");
}

TEST_P(ClientFilesTest, SendsThemPackedWhereThatIsShorter) {
  WriteAll();
  const ClientFiles files = Loaded();
  const Response script = files.Answer("socket.io.js", Get("Accept-Encoding", "br, gzip"));
  EXPECT_EQ(Header(script, "Content-Encoding"), "gzip");
  EXPECT_EQ(Unpack(script.content()), kScript + "socket.io.js");
  const Response tiny = files.Answer("socket.io.js.map", Get("Accept-Encoding", "gzip"));
  EXPECT_EQ(Header(tiny, "Content-Encoding"), "");
  EXPECT_EQ(tiny.content(), "{}socket.io.js");
}

TEST_P(ClientFilesTest, DoesNotSendWhatTheBrowserHas) {
  WriteAll();
  const ClientFiles files = Loaded();
  for (const char* tags : {"W/\"4.8.4\"", "\"4.8.4\"", "\"4.7.5\", W/\"4.8.4\"", "*"}) {
    const Response same = files.Answer("socket.io.js", Get("If-None-Match", tags));
    EXPECT_EQ(same.status, 304) << tags;
    EXPECT_EQ(same.content(), "");
    EXPECT_EQ(Header(same, "ETag"), "W/\"4.8.4\"");
    EXPECT_EQ(Header(same, "Vary"), "Accept-Encoding");
  }
  EXPECT_EQ(files.Answer("socket.io.js", Get("If-None-Match", "\"4.8.3\"")).status, 200);
}

TEST_P(ClientFilesTest, TellsVersionsThatAreNotSaidApart) {
  Write("socket.io.js", "one");
  const std::string one = Header(Loaded().Answer("socket.io.js", Get()), "ETag");
  EXPECT_EQ(one.substr(0, 3), "W/\"");
  Write("socket.io.js", "two");
  EXPECT_NE(Header(Loaded().Answer("socket.io.js", Get()), "ETag"), one);
}

TEST_P(ClientFilesTest, SaysWhyThereAreNone) {
  auto none = ClientFiles::Load(folder_.File("nowhere"));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, "no_client_files");
  EXPECT_NE(none.error().detail.find("nowhere"), std::string::npos);
  std::filesystem::create_directory(folder_.File("socket.io.js"));
  EXPECT_FALSE(ClientFiles::Load(folder_.File(""))) << "a folder is no file";
  Write("socket.io.min.js", std::string(4'000'001, 'x'));
  auto large = ClientFiles::Load(folder_.File(""));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, "too_large");
}

TEST_P(ClientFilesTest, AreServedBesideTheProtocol) {
  WriteAll();
  Options options;
  options.engine.cors.origins = {"https://map.test"};
  options.engine.response_headers = [](const Request&, net::http::Headers& headers) {
    headers.Add("X-Own", "1");
  };
  ServeFiles(options);
  const Reply script = Ask("GET", "/socket.io/socket.io.min.js?v=1",
                           {"Origin: https://map.test", "Accept-Encoding: gzip"});
  EXPECT_EQ(script.status, 200);
  EXPECT_EQ(Unpack(script.body), kScript + "socket.io.min.js");
  EXPECT_EQ(script.Header("Access-Control-Allow-Origin"), "https://map.test");
  EXPECT_EQ(script.Header("X-Own"), "1");
  const Reply head = Ask("HEAD", "/socket.io/socket.io.js.map");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.Header("Content-Length"), "14");
  const Reply wrong = Ask("POST", "/socket.io/socket.io.js", {"Content-Length: 0"});
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.Header("Allow"), "GET, HEAD");
  EXPECT_EQ(Ask("OPTIONS", "/socket.io/socket.io.js").status, 204);
  Connected();
}

TEST_P(ClientFilesTest, NothingElseIsReached) {
  WriteAll();
  ServeFiles();
  for (const char* path :
       {"index.html", "socket.io", "socket.io.min.js/", "x/socket.io.js", "socket.io.js.map.map",
        "SOCKET.IO.JS", "", "..%2findex.html", "../socket.io/index.html", "socket.io.js%00"}) {
    EXPECT_EQ(Ask("GET", std::string("/socket.io/") + path).status, 400) << path;
  }
}

TEST_P(ClientFilesTest, AServerWithoutThemServesTheRest) {
  Options options;
  options.client_files = folder_.File("nowhere");
  Prepare(options);
  Serve();
  EXPECT_EQ(Ask("GET", "/socket.io/socket.io.js").body,
            R"({"code":0,"message":"Transport unknown"})");
  Connected();
}

}  // namespace
}  // namespace trackwire::socketio
