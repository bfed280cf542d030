#include "notify/view.h"

#include <gtest/gtest.h>

namespace trackwire::notify {
namespace {

auth::Identity Somebody(std::vector<std::string> roles) {
  auth::Identity identity;
  identity.authenticated = true;
  identity.roles = std::move(roles);
  return identity;
}

Views MustMake(const FieldRules& rules) {
  auto views = Views::Make(rules);
  EXPECT_TRUE(views) << views.error().detail;
  return std::move(*views);
}

const char* const kObject = R"({"driver":"Ann","imei":1,"battery_level":7,"n":2})";

TEST(ViewsTest, HidesNothingUnlessToldTo) {
  const Views views;
  EXPECT_EQ(views.size(), 1u);
  EXPECT_EQ(views.Of({}), 0);
  EXPECT_EQ(views.Of(Somebody({"admin"})), 0);
  EXPECT_EQ(views.Filter(0, kObject), kObject);
  const auto variants = views.Split(kObject);
  ASSERT_EQ(variants.size(), 1u);
  EXPECT_EQ(variants[0].views, std::vector<View>{0});
  EXPECT_EQ(variants[0].json, "");
}

TEST(ViewsTest, ShowsEverybodyWhatTheirRolesLeave) {
  const Views views = MustMake({{"IMEI"},
                                {"anonymous=battery_level", "anonymous=driver", "user=driver",
                                 "clerk=driver", "clerk=battery_level", "cn=x,dc=y=n"}});
  const auto seen = [&](const auth::Identity& who) { return views.Filter(views.Of(who), kObject); };
  const std::string all = R"({"driver":"Ann","battery_level":7,"n":2})";
  const std::string no_driver = R"({"battery_level":7,"n":2})";
  EXPECT_EQ(seen({}), R"({"n":2})");
  EXPECT_EQ(seen(Somebody({})), no_driver) << "who has no role is a user";
  EXPECT_EQ(seen(Somebody({"user"})), no_driver);
  EXPECT_EQ(seen(Somebody({"clerk"})), R"({"n":2})");
  EXPECT_EQ(seen(Somebody({"clerk", "user"})), no_driver);
  EXPECT_EQ(seen(Somebody({"user", "clerk"})), no_driver);
  EXPECT_EQ(seen(Somebody({"admin"})), all) << "but nobody gets what is hidden from all";
  EXPECT_EQ(seen(Somebody({"user", "admin"})), all);
  EXPECT_EQ(seen(Somebody({"clerk", "another"})), all);
  EXPECT_EQ(seen(Somebody({"User"})), all) << "roles are told apart by case";
  EXPECT_EQ(seen(Somebody({"cn=x,dc=y"})), R"({"driver":"Ann","battery_level":7})");
  auth::Identity forged = Somebody({"admin"});
  forged.authenticated = false;
  EXPECT_EQ(seen(forged), R"({"n":2})");
}

TEST(ViewsTest, HidesFieldsFromAdminsToo) {
  const Views views = MustMake({{}, {"admin=driver"}});
  EXPECT_EQ(views.Filter(views.Of(Somebody({"admin"})), kObject),
            R"({"imei":1,"battery_level":7,"n":2})");
  EXPECT_EQ(views.Filter(views.Of({}), kObject), kObject);
}

TEST(ViewsTest, CountsTheSameFieldsAsOneView) {
  EXPECT_EQ(MustMake({{"imei"}, {}}).size(), 1u);
  const Views views = MustMake({{}, {"anonymous=a", "guest=A", "user=_a", "other=b"}});
  EXPECT_EQ(views.size(), 3u) << "a, b, nothing";
  EXPECT_EQ(views.Of({}), views.Of(Somebody({"guest"})));
  EXPECT_EQ(views.Of({}), views.Of(Somebody({"user", "guest"})));
  EXPECT_NE(views.Of({}), views.Of(Somebody({"user", "other"})));
}

TEST(ViewsTest, SplitsAnObjectIntoWhatIsDifferent) {
  const Views views = MustMake({{"imei"}, {"anonymous=a", "anonymous=b", "user=b"}});
  ASSERT_EQ(views.size(), 3u);
  const View user = views.Of(Somebody({}));
  const View admin = views.Of(Somebody({"admin"}));
  const auto bytes = [&](const char* json) {
    std::vector<std::string> out(views.size(), "?");
    size_t variants = 0;
    for (const Views::Variant& variant : views.Split(json)) {
      ++variants;
      for (const View view : variant.views) {
        EXPECT_EQ(out.at(view), "?") << "a view is in one variant";
        out[view] = variant.json.empty() ? json : variant.json;
        EXPECT_EQ(out[view], views.Filter(view, json));
      }
    }
    return std::to_string(variants) + " " + out[0] + " " + out[user] + " " + out[admin];
  };
  EXPECT_EQ(bytes(R"({"n":1})"), R"(1 {"n":1} {"n":1} {"n":1})");
  EXPECT_EQ(bytes(R"({"a":1})"), R"(2 {} {"a":1} {"a":1})");
  EXPECT_EQ(bytes(R"({"b":1})"), R"(2 {} {} {"b":1})");
  EXPECT_EQ(bytes(R"({"imei":1})"), R"(1 {} {} {})");
  EXPECT_EQ(bytes(R"({"a":1,"b":2,"imei":3})"), R"(3 {} {"a":1} {"a":1,"b":2})");
  EXPECT_EQ(bytes(R"({"imei":{"a":1,"b":1}})"), R"(1 {} {} {})") << "the same bytes are shared";
}

TEST(ViewsTest, SaysWhatIsWrongWithARule) {
  const auto fault = [](const FieldRules& rules) {
    auto views = Views::Make(rules);
    return views ? std::string() : views.error().code;
  };
  const std::string big(kMaxFieldNameBytes, 'x');
  EXPECT_EQ(fault({{big}, {"r=" + big}}), "");
  for (const std::string& name : {std::string(), std::string("_"), big + "x", std::string("a\nb"),
                                  std::string("\xff")}) {
    EXPECT_EQ(fault({{name}, {}}), "bad_field") << name;
    EXPECT_EQ(fault({{}, {"user=" + name}}), "bad_field") << name;
  }
  for (const std::string& rule : {std::string("driver"), std::string("=driver"),
                                  std::string("a\nb=driver"), std::string(129, 'r') + "=x"}) {
    EXPECT_EQ(fault({{}, {rule}}), "bad_rule") << rule;
  }
  EXPECT_EQ(fault({std::vector<std::string>(1'001, "x"), {}}), "too_many_rules");
}

TEST(ViewsTest, BoundsHowManyWaysOfLookingThereAre) {
  // Each role hides all fields but one, so each combination of roles hides something else; visitors
  // get none of them.
  const auto with_roles = [](int count) {
    FieldRules made;
    for (int role = 0; role < count; ++role) {
      made.hidden_from.push_back("anonymous=f" + std::to_string(role));
      for (int field = 0; field < count; ++field) {
        if (role != field) made.hidden_from.push_back("r" + std::to_string(role) + "=f" +
                                                      std::to_string(field));
      }
    }
    return made;
  };
  auto views = Views::Make(with_roles(5));
  ASSERT_TRUE(views);
  EXPECT_EQ(views->size(), 32u);
  views = Views::Make(with_roles(6));
  ASSERT_TRUE(views) << "all of the 64";
  EXPECT_EQ(views->size(), kMaxViews);
  EXPECT_EQ(views->Of(Somebody({"r0", "r1", "r2", "r3", "r4", "r5"})), views->Of(Somebody({"x"})));
  const auto variants = views->Split(R"({"f0":1,"f1":1,"f2":1,"f3":1,"f4":1,"f5":1})");
  EXPECT_EQ(variants.size(), kMaxViews);
  const auto refused = Views::Make(with_roles(7));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "too_many_views");
}

}  // namespace
}  // namespace trackwire::notify
