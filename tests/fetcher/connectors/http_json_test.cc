#include "fetcher/connectors/http_json.h"

#include <gtest/gtest.h>

#include "tests/fetcher/connectors/connector_harness.h"

namespace trackwire::fetcher {
namespace {

using testing::Remote;
using testing::Service;
using namespace std::chrono_literals;

HttpJsonOptions Endpoint(const Service& service) {
  HttpJsonOptions endpoint;
  endpoint.url = service.Url("/items");
  endpoint.url_one = service.Url("/items/{external_id}");
  endpoint.mapping.items = "/items";
  endpoint.mapping.id = "/id";
  endpoint.mapping.latitude = "/lat";
  endpoint.mapping.longitude = "/lon";
  return endpoint;
}

ConnectorOptions With(HttpJsonOptions endpoint) {
  ConnectorOptions options;
  options.kind = std::move(endpoint);
  return options;
}

std::string Item(const std::string& id) { return R"({"id":")" + id + R"(","lat":52.5,"lon":13.25})"; }

TEST(HttpJsonConnectorTest, FetchesAll) {
  Service service;
  service.On("/items", R"({"items":[)" + Item("a") + "," + Item("b") + R"(,{"id":"c"}]})");
  auto endpoint = Endpoint(service);
  endpoint.headers = {{"X-Key", "the key"}};
  Remote remote(With(endpoint));
  const auto all = remote.All();
  ASSERT_TRUE(all);
  EXPECT_EQ(Remote::Brief(all), "a b");
  EXPECT_EQ(all->bad, 1u);
  EXPECT_EQ(all->reports[0].fix.place.latitude, 52.5);
  EXPECT_NE(service.requests("/items")[0].find("\r\nX-Key: the key\r\n"), std::string::npos);
  EXPECT_TRUE(remote.connector().abilities().all);
  EXPECT_TRUE(remote.connector().abilities().one);
  EXPECT_FALSE(remote.connector().abilities().listens);
  EXPECT_FALSE(remote.connector().abilities().locates);
}

TEST(HttpJsonConnectorTest, FetchesOneByItsOwnUrl) {
  Service service;
  service.On("/items/a", Item("a"));
  service.On("/items/a%20b%2F%3F", R"({"lat":1,"lon":2})");
  service.On("/items/listed", R"({"items":[)" + Item("other") + "," + Item("listed") + "]}");
  service.On("/items/wrong", Item("other"));
  service.On("/items/placeless", R"({"id":"placeless","lat":null})");
  Remote remote(With(Endpoint(service)));
  EXPECT_EQ(remote.OneBrief("a"), "a");
  EXPECT_EQ(remote.OneBrief("a b/?"), "a b/?");
  EXPECT_EQ(remote.OneBrief("listed"), "listed");
  EXPECT_EQ(remote.OneBrief("wrong"), "not_found");
  EXPECT_EQ(remote.OneBrief("placeless"), "bad_answer");
  EXPECT_EQ(remote.OneBrief("nobody"), "not_found");
}

TEST(HttpJsonConnectorTest, FetchesOneFromTheFeed) {
  Service service;
  service.On("/items", R"({"items":[)" + Item("a") + "," + Item("b") + "]}", "ETag: \"1\"\r\n");
  auto endpoint = Endpoint(service);
  endpoint.url_one.clear();
  Remote remote(With(endpoint));
  EXPECT_EQ(remote.AllBrief(), "a b");
  EXPECT_EQ(remote.OneBrief("b"), "b");
  EXPECT_EQ(remote.OneBrief("c"), "not_found");
  // The feed as a whole was not read for others: a condition would lose it.
  EXPECT_EQ(service.requests("/items")[1].find("If-None-Match"), std::string::npos);
}

TEST(HttpJsonConnectorTest, AsksForOneByABody) {
  Service service;
  service.On("/query", Item("a\\\"b"));
  auto endpoint = Endpoint(service);
  endpoint.url.clear();
  endpoint.url_one = service.Url("/query");
  endpoint.method = "POST";
  endpoint.body = R"({"id":"{external_id}"})";
  Remote remote(With(endpoint));
  EXPECT_EQ(remote.OneBrief("a\"b"), "a\"b");
  const std::string request = service.requests("/query").at(0);
  EXPECT_TRUE(request.starts_with("POST ")) << request;
  EXPECT_TRUE(request.ends_with(R"({"id":"a\"b"})")) << request;
  EXPECT_NE(request.find("\r\nContent-Type: application/json\r\n"), std::string::npos);
  EXPECT_FALSE(remote.connector().abilities().all);
  EXPECT_EQ(remote.AllBrief(), "unsupported");
}

TEST(HttpJsonConnectorTest, AsksOnlyForWhatHasChanged) {
  Service service;
  service.On("/items", [&](const std::string& request) {
    const bool same = request.find("\r\nIf-None-Match: \"1\"\r\n") != std::string::npos &&
                      request.find("\r\nIf-Modified-Since: then\r\n") != std::string::npos;
    return same ? test::Answer(304, "")
                : test::Answer(200, R"({"items":[)" + Item("a") + "]}",
                               "ETag: \"1\"\r\nLast-Modified: then\r\n");
  });
  Remote remote(With(Endpoint(service)));
  EXPECT_EQ(remote.AllBrief(), "a");
  EXPECT_EQ(remote.AllBrief(), "unchanged");
  EXPECT_EQ(remote.AllBrief(), "unchanged");
  service.On("/items", "not json", "ETag: \"2\"\r\n");
  EXPECT_EQ(remote.AllBrief(), "bad_answer");
  // What could not be read is not what we have.
  service.On("/items", [&](const std::string& request) {
    return test::Answer(request.find("\"2\"") != std::string::npos ? 304 : 200,
                        R"({"items":[)" + Item("b") + "]}");
  });
  EXPECT_EQ(remote.AllBrief(), "b");
}

TEST(HttpJsonConnectorTest, TurnsPages) {
  Service service;
  service.On("/items", R"({"next":"/items?page=2","items":[)" + Item("a") + "]}");
  service.On("/items?page=2", R"({"next":"?page=3","items":[)" + Item("b") + "]}");
  service.On("/items?page=3", R"({"next":null,"items":[)" + Item("c") + "]}");
  auto endpoint = Endpoint(service);
  endpoint.next_page = "/next";
  EXPECT_EQ(Remote(With(endpoint)).AllBrief(), "a b c");
  endpoint.max_pages = 2;
  EXPECT_EQ(Remote(With(endpoint)).AllBrief(), "a b");

  service.On("/cursor", R"({"cursor":12,"items":[)" + Item("a") + "]}");
  service.On("/cursor?from=12", R"({"cursor":"","items":[)" + Item("b") + "]}");
  endpoint.url = service.Url("/cursor");
  endpoint.next_page = "/cursor";
  endpoint.page_parameter = "from";
  EXPECT_EQ(Remote(With(endpoint)).AllBrief(), "a b");
}

TEST(HttpJsonConnectorTest, TakesItsHeadersNowhereElse) {
  Service other;
  other.On("/items", R"({"items":[]})");
  Service service;
  service.On("/items", R"({"next":")" + other.Url("/items") + R"(","items":[]})");
  auto endpoint = Endpoint(service);
  endpoint.next_page = "/next";
  EXPECT_EQ(Remote(With(endpoint)).AllBrief(), "bad_answer");
  EXPECT_TRUE(other.requests("/items").empty());
}

TEST(HttpJsonConnectorTest, SaysWhyThereIsNothing) {
  Service service;
  Remote remote(With(Endpoint(service)));
  const std::map<int, std::string> codes{{401, "unauthorized"}, {403, "unauthorized"},
                                         {404, "not_found"},    {410, "not_found"},
                                         {429, "rate_limited"}, {500, "bad_status"},
                                         {302, "bad_status"},   {503, "bad_status"}};
  for (const auto& [status, code] : codes) {
    service.OnStatus("/items", status, "Retry-After: 7\r\n");
    const auto all = remote.All();
    ASSERT_FALSE(all);
    EXPECT_EQ(all.error().code, code) << status;
    EXPECT_EQ(all.error().retry_after, 7s);
  }
  service.On("/items", "{");
  EXPECT_EQ(remote.AllBrief(), "bad_answer");
  service.On("/items", "{}");
  EXPECT_EQ(remote.AllBrief(), "bad_answer");
  service.On("/items", R"({"items":[{"id":"a","lat":"x","lon":1}]})");
  const auto unreadable = remote.All();
  ASSERT_FALSE(unreadable);
  EXPECT_EQ(unreadable.error().detail, "item 0: latitude");
  service.On("/items", R"({"items":[]})");
  EXPECT_EQ(remote.AllBrief(), "");
  service.On("/items", std::string(9'000'000, ' '));
  EXPECT_EQ(remote.AllBrief(), "too_large");
}

TEST(HttpJsonConnectorTest, GivesUpInTimeAndWithItself) {
  test::Gate asked;
  test::ScriptedServer silent([&](test::Peer& peer) {
    peer.Request();
    asked.Open();
    peer.AwaitEnd();
  });
  HttpJsonOptions endpoint;
  endpoint.url = silent.Url("/?token=secret");
  endpoint.mapping.id = "/id";
  endpoint.mapping.point = "/p";
  Remote remote(With(endpoint));
  const auto late = remote.All(50ms);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, "timeout");
  EXPECT_EQ(late.error().detail.find("secret"), std::string::npos);
  bool called = false;
  remote.loop().Run([&] { remote.connector().FetchAll(30s, [&](auto) { called = true; }); });
  asked.Wait();
  remote.Destroy();
  EXPECT_FALSE(called);
}

TEST(HttpJsonConnectorTest, RefusesPrivateAddressesUnlessAllowed) {
  Service service;
  ConnectorOptions options = With(Endpoint(service));
  net::Loop loop("refused");
  loop.Start();
  std::unique_ptr<outbound::HttpClient> client;
  std::unique_ptr<Connector> connector;
  const auto outcome = test::Await<Result<Fetched, FetchError>>([&](Connector::Done done) {
    loop.Run([&] {
      client = outbound::MakeHttpClient(loop, {});
      connector = MakeConnector(options, *client, loop);
      connector->FetchAll(30s, std::move(done));
    });
  });
  EXPECT_EQ(Remote::Brief(outcome), "forbidden_address");
  loop.Run([&] {
    connector.reset();
    client.reset();
  });
  EXPECT_TRUE(service.requests("/items").empty());
}

TEST(HttpJsonConnectorTest, ChecksItsOptions) {
  Service service;
  const auto with = [&](auto change) {
    auto endpoint = Endpoint(service);
    change(endpoint);
    const auto checked = CheckConnectorOptions(With(endpoint));
    return checked ? std::string("good") : checked.error().code + " " + checked.error().detail;
  };
  EXPECT_EQ(with([](auto&) {}), "good");
  EXPECT_EQ(with([](auto& e) { e.url_one.clear(); }), "good");
  EXPECT_EQ(with([](auto& e) { e.url.clear(); }), "good");
  EXPECT_EQ(with([](auto& e) { e.url = e.url_one = ""; }),
            "bad_url url: url, url_one or both must be there");
  EXPECT_EQ(with([](auto& e) { e.url = "secret"; }), "bad_url url: it is not a URL");
  EXPECT_EQ(with([](auto& e) { e.url_one = "http://a.example/"; }),
            "bad_url url_one: it has no {external_id}, nor has the body");
  EXPECT_EQ(with([](auto& e) { e.headers = {{"X", "sec\nret"}}; }),
            "bad_option headers: one has no proper name, or a value with a line end");
  EXPECT_EQ(with([](auto& e) { e.method = "GET /"; }), "bad_option method");
  EXPECT_EQ(with([](auto& e) { e.next_page = "x"; }),
            "bad_option next_page: \"x\" does not begin with a slash");
  EXPECT_EQ(with([](auto& e) { e.mapping.latitude = "lat"; }),
            "bad_mapping mapping.latitude: \"lat\" does not begin with a slash");
}

}  // namespace
}  // namespace trackwire::fetcher
