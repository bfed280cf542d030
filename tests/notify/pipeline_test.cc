#include "tests/notify/pipeline.h"

#include <gmock/gmock.h>

namespace trackwire::notify {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Pipeline::Options OpenTo(std::vector<std::string> public_events) {
  Pipeline::Options options;
  options.rules.public_events = std::move(public_events);
  return options;
}

tracking::Tracker TrackerOf(const std::string& id, const std::string& client, bool is_public) {
  tracking::Tracker tracker;
  tracker.id = tracking::Id(id);
  if (!client.empty()) tracker.client_id = tracking::Id(client);
  tracker.is_public = is_public;
  return tracker;
}

std::string Location(const std::string& tracker) {
  return R"({"message_type":"tracker_location_updated","notification":{"tracker_id":")" + tracker +
         R"(","latitude":1,"longitude":2,"fix_time":"2026-01-01T00:00:00.000Z"}})";
}

TEST(PipelineTest, TellsEachClientWhoItIs) {
  Pipeline pipeline;
  Guest visitor(pipeline.port());
  EXPECT_EQ(visitor.Next(),
            "session{\"user\":null,\"roles\":[],\"permissions\":[],\"clients\":[],"
            "\"expires_at\":null,\"recovered\":false,\"replayed\":0}");
  EXPECT_FALSE(visitor.offset().empty()) << "a client has a place in the log from the start";
  Guest alice(pipeline.port(), pipeline.Token("alice", {"user"}, {"\"acme\"", "7"}));
  EXPECT_THAT(alice.Next(), StartsWith("session{\"user\":\"alice\",\"roles\":[\"user\"],"
                                       "\"permissions\":[],\"clients\":[\"acme\",7],"
                                       "\"expires_at\":\"20"));
}

TEST(PipelineTest, TreatsABadTokenAsAnonymousUnlessTokensAreNeeded) {
  Pipeline open;
  Guest guest(open.port(), "not.a.token");
  EXPECT_THAT(guest.Next(), StartsWith("session{\"user\":null"));

  Pipeline::Options strict;
  strict.door.require_auth = true;
  Pipeline closed(strict);
  Guest refused(closed.port(), "not.a.token");
  EXPECT_EQ(refused.connect_answer(),
            "44{\"message\":\"The token is not valid\",\"data\":{\"code\":\"token_invalid\"}}");
  Guest nameless(closed.port());
  EXPECT_EQ(nameless.connect_answer(),
            "44{\"message\":\"A token is required\",\"data\":{\"code\":\"token_missing\"}}");
  Guest known(closed.port(), closed.Token("alice"));
  EXPECT_THAT(known.Next(), StartsWith("session{\"user\":\"alice\""));
}

TEST(PipelineTest, LooksAtTheCookieOnlyWhereItMayBeTrusted) {
  Pipeline::Options options;
  options.door.trusts_cookie = [](const net::http::Headers& headers) {
    return headers.Find("Origin") != "https://evil.test";
  };
  Pipeline pipeline(options);
  const auto session = [&](const std::string& origin) {
    testing::WsClient client(
        pipeline.port(), "/socket.io/?EIO=4&transport=websocket",
        {"Origin: " + origin, "Cookie: access_token=" + pipeline.Token("alice")});
    client.ReadText();
    client.Send("40");
    client.ReadText();
    return client.ReadText();
  };
  EXPECT_THAT(session("https://good.test"), HasSubstr("\"user\":\"alice\""));
  EXPECT_THAT(session("https://evil.test"), HasSubstr("\"user\":null"));
}

TEST(PipelineTest, GivesEachNotificationToItsAudienceOnly) {
  Pipeline pipeline(OpenTo({"news"}));
  pipeline.Know(TrackerOf("hers", "acme", false));
  pipeline.Know(TrackerOf("his", "other", false));
  pipeline.Know(TrackerOf("open", "other", true));
  Guest visitor(pipeline.port());
  Guest alice(pipeline.port(), pipeline.Token("alice", {"user"}, {"\"acme\""}));
  Guest admin(pipeline.port(), pipeline.Token("root", {"admin"}));
  for (Guest* guest : {&visitor, &alice, &admin}) EXPECT_THAT(guest->Next(), StartsWith("session"));

  for (const char* tracker : {"hers", "his", "open", "unheard-of"}) {
    EXPECT_TRUE(pipeline.Take(Location(tracker)));
  }
  pipeline.Say("memo", 1);
  pipeline.Say("news", 2);

  EXPECT_THAT(visitor.Next(), HasSubstr("\"open\""));
  EXPECT_EQ(visitor.Next(), "news{\"n\":2}");
  EXPECT_THAT(alice.Next(), HasSubstr("\"hers\""));
  EXPECT_THAT(alice.Next(), HasSubstr("\"open\""));
  EXPECT_EQ(alice.Next(), "memo{\"n\":1}");
  EXPECT_EQ(alice.Next(), "news{\"n\":2}");
  for (const char* tracker : {"hers", "his", "open", "unheard-of"}) {
    EXPECT_THAT(admin.Next(), HasSubstr(tracker));
  }
  EXPECT_EQ(admin.Next(), "memo{\"n\":1}");
}

TEST(PipelineTest, IntersectsTheAddressesOfOneNotification) {
  Pipeline pipeline;
  pipeline.Know(TrackerOf("hers", "acme", false));
  Guest one(pipeline.port(), pipeline.Token("one", {}, {"\"acme\""}));
  Guest both(pipeline.port(), pipeline.Token("both", {}, {"\"acme\"", "\"other\""}));
  EXPECT_THAT(one.Next(), StartsWith("session"));
  EXPECT_THAT(both.Next(), StartsWith("session"));
  pipeline.Say("memo", 1, R"(,"tracker_id":"hers","client_id":"other")");
  pipeline.Say("memo", 2, R"(,"socket_id":")" + one.sid() + "\"");
  pipeline.Say("memo", 3, R"(,"socket_id":")" + one.sid() + R"(","client_id":"other")");
  pipeline.Say("memo", 4);
  EXPECT_EQ(both.Next(), "memo{\"n\":1}");
  EXPECT_EQ(both.Next(), "memo{\"n\":4}");
  EXPECT_EQ(one.Next(), "memo{\"n\":2}");
  EXPECT_EQ(one.Next(), "memo{\"n\":4}");
}

TEST(PipelineTest, AnswersForEachEnvelopeInItsPlace) {
  Pipeline pipeline(OpenTo({"news"}));
  Guest guest(pipeline.port());
  guest.Next();
  auto answer = pipeline.Take(
      R"([{"message_type":"news","notification":{"n":1},"id":"a"},{"message_type":"news"},)"
      R"({"message_type":"news","notification":{"n":2},"id":"a"},7,)"
      R"({"message_type":"news","notification":{"n":3}}])");
  ASSERT_TRUE(answer);
  const auto& results = answer->results;
  ASSERT_EQ(results.size(), 5u);
  EXPECT_FALSE(results[0].offset.empty());
  EXPECT_EQ(results[1].error->code, "missing_notification");
  EXPECT_EQ(results[2].offset, results[0].offset);
  EXPECT_TRUE(results[2].duplicate);
  EXPECT_EQ(results[3].error->code, "not_an_object");
  EXPECT_FALSE(results[4].offset.empty());
  EXPECT_EQ(guest.Next(), "news{\"n\":1}");
  EXPECT_EQ(guest.Next(), "news{\"n\":3}");
  EXPECT_EQ(guest.offset(), results[4].offset);
  EXPECT_EQ(pipeline.intake().counters().http.rejected, 2u);
  EXPECT_EQ(pipeline.intake().counters().http.accepted, 2u);
  EXPECT_EQ(pipeline.intake().counters().http.duplicates, 1u);
}

TEST(PipelineTest, KeepsWhatItRefusesAndGoesOn) {
  Pipeline pipeline(OpenTo({"news"}));
  Guest guest(pipeline.port());
  guest.Next();
  for (const char* body : {"", "{", "[", "7", "\"x\"", "[[]]", "nul", "{\"message_type\":1}"}) {
    auto answer = pipeline.Take(body);
    if (answer) {
      EXPECT_TRUE(answer->results.front().error) << body;
    }
  }
  pipeline.Say("news", 1);
  EXPECT_EQ(guest.Next(), "news{\"n\":1}");
  auto kept = test::Await<std::vector<broker::Rejected>>(
      [&](std::function<void(std::vector<broker::Rejected>)> done) {
        pipeline.broker().ListRejected(100, done);
      });
  EXPECT_EQ(kept.size(), 8u);
}

TEST(PipelineTest, LeavesTheOffsetOutForClientsThatDoNotTakePart) {
  Pipeline pipeline(OpenTo({"news"}));
  Guest guest(pipeline.port(), "", ",\"recovery\":false");
  EXPECT_THAT(guest.Next(), StartsWith("session"));
  EXPECT_EQ(guest.pid(), "");
  pipeline.Say("news", 1);
  EXPECT_EQ(guest.Next(), "news{\"n\":1}");
  EXPECT_EQ(guest.offset(), "");
}

TEST(PipelineTest, WhatWasHiddenStaysHiddenWhenItIsRemoved) {
  Pipeline::Options options;
  options.rules.unknown_trackers_public = true;
  Pipeline pipeline(options);
  pipeline.Know({TrackerOf("secret", "acme", false), TrackerOf("open", "", true)});
  Guest visitor(pipeline.port());
  visitor.Next();
  pipeline.Forget({tracking::Id("secret"), tracking::Id("open")});
  ASSERT_TRUE(pipeline.Take(Location("secret")));
  ASSERT_TRUE(pipeline.Take(Location("open")));
  // Between them stands what it means for the visitor that a tracker came or went.
  const auto next_location = [&] {
    std::string heard;
    while (!heard.starts_with("tracker_location_updated")) heard = visitor.Next();
    return heard;
  };
  EXPECT_THAT(next_location(), HasSubstr("\"open\"")) << "the first that it gets";
  EXPECT_THAT(pipeline.Snapshot(), Not(HasSubstr("secret"))) << "nor is it learned again";
  EXPECT_THAT(pipeline.Snapshot(), HasSubstr("\"open\""));
  pipeline.Know(TrackerOf("secret", "", true));
  ASSERT_TRUE(pipeline.Take(Location("secret")));
  EXPECT_THAT(next_location(), HasSubstr("secret")) << "it was made again, for everybody";
}

}  // namespace
}  // namespace trackwire::notify
