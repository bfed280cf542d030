#include "notify/field_filter.h"

#include <gtest/gtest.h>

#include "base/json_scanner.h"

namespace trackwire::notify {
namespace {

constexpr View kVisitor = 0;
constexpr View kMember = 1;

FieldFilter SomeFilter() {
  return FieldFilter({{"imei", 3}, {"driver", 1}, {"phonenumber", 3}, {"kühler", 1}, {"é", 1}});
}

std::string Filtered(const FieldFilter& filter, const std::string& json, View view = kVisitor) {
  EXPECT_TRUE(base::ScanJson(json)) << json;
  // Exactly as many bytes as there are, so that a sanitizer sees a step beyond them.
  const std::vector<char> exact(json.begin(), json.end());
  std::string out;
  filter.Append(view, {exact.data(), exact.size()}, out);
  EXPECT_TRUE(base::ScanJson(out)) << json << " became " << out;
  EXPECT_EQ(filter.Find(out) >> view & 1, 0u) << out;
  return out;
}

TEST(FieldFilterTest, TakesMembersOutAndLeavesTheRestByteForByte) {
  const FieldFilter filter = SomeFilter();
  const std::pair<const char*, const char*> cases[] = {
      {R"({})", R"({})"},
      {R"({"a":1})", R"({"a":1})"},
      {R"({"imei":1})", R"({})"},
      {R"({ "imei" : 1 })", R"({  })"},
      {R"({"imei":1,"a":2})", R"({"a":2})"},
      {R"({"a":2,"imei":1})", R"({"a":2})"},
      {R"({"a":1,"imei":2,"b":3})", R"({"a":1,"b":3})"},
      {R"({"a" : 1.50 , "imei" : 2 , "b":1E5})", R"({"a" : 1.50 , "b":1E5})"},
      {R"({"a":1 , "imei":2 })", R"({"a":1  })"},
      {R"({"imei":1,"imei":2})", R"({})"},
      {R"({"imei":1,"a":2,"imei":3,"a":4,"imei":5})", R"({"a":2,"a":4})"},
      {R"({"a":1,"imei":2,"driver":3})", R"({"a":1})"},
      {R"({"imei":{"a":[1,{"b":"}]"}]},"c":3})", R"({"c":3})"},
      {R"({"imei":"a\"},\\","c":"\\"})", R"({"c":"\\"})"},
      {R"({"imei":[],"c":[]})", R"({"c":[]})"},
      {R"({"a":{"imei":1},"b":[{"imei":1},{"imei":1,"c":2}]})", R"({"a":{},"b":[{},{"c":2}]})"},
      {R"({"a":[1, {"driver":null, "b": [ ] } ]})", R"({"a":[1, {"b": [ ] } ]})"},
      {R"({"a":{"b":{"imei":1}},"imei":2})", R"({"a":{"b":{}}})"},
      {R"([{"imei":1},"imei",[{"imei":true}]])", R"([{},"imei",[{}]])"},
      {"{\n\t\"imei\":\n1\n,\n\"a\":1\r\n}", "{\n\t\"a\":1\r\n}"},
  };
  for (const auto& [json, expected] : cases) EXPECT_EQ(Filtered(filter, json), expected) << json;
}

TEST(FieldFilterTest, KnowsANameHoweverItIsWritten) {
  const FieldFilter filter = SomeFilter();
  for (const char* name :
       {"imei", "IMEI", "Imei", "\\u0069mei", "ime\\u0069", "\\u0069\\u006D\\u0065\\u0069",
        "\\u0049MEI", "i_mei", "_imei", "imei_", "\\u005fimei", "imei\\u002D", "i-m.e i", "phone_number",
        "phoneNumber", "Phone Number", "PHONE-NUMBER", "kühler", "KüHLER", "k\\u00fchler", "é",
        "\\u00e9", "-é-"}) {
    const std::string json = std::string("{\"a\":1,\"") + name + "\":{\"x\":1},\"b\":2}";
    EXPECT_EQ(Filtered(filter, json), R"({"a":1,"b":2})") << name;
  }
}

TEST(FieldFilterTest, LeavesOtherNamesAndAllValuesAlone) {
  const FieldFilter filter = SomeFilter();
  for (const char* name :
       {"", "_", "ime", "imeii", "ximei", "imei2", "imei\\\\", "\\\"imei\\\"", "imei:", "i\\nmei",
        "IMEİ", "ímei", "KÜHLER", "\\u00c9", "imei\\u0000", "\\ud800", "e\\u0301"}) {
    const std::string json = std::string("{\"") + name + "\":\"imei\",\"v\":[\"driver\", \"imei\" ]}";
    EXPECT_EQ(Filtered(filter, json), json) << name;
  }
  const std::string quoted = R"({"raw":"{\"imei\":1}"})";
  EXPECT_EQ(Filtered(filter, quoted), quoted) << "text inside of a value is a value";
  const std::string longer = "{\"" + std::string(100'000, 'i') + "\":1}";
  EXPECT_EQ(Filtered(filter, longer), longer);
}

TEST(FieldFilterTest, HidesFromEachViewWhatItsRulesSay) {
  const FieldFilter filter = SomeFilter();
  const std::string json = R"({"driver":"Ann","imei":1,"n":2})";
  EXPECT_EQ(Filtered(filter, json, kVisitor), R"({"n":2})");
  EXPECT_EQ(Filtered(filter, json, kMember), R"({"driver":"Ann","n":2})");
  EXPECT_EQ(Filtered(filter, json, 63), json);
  std::vector<ViewSet> found;
  EXPECT_EQ(filter.Find(json, &found), 3u);
  EXPECT_EQ(found, (std::vector<ViewSet>{1, 3}));
  EXPECT_EQ(filter.Find(R"({"DRIVER":1})"), 1u);
  EXPECT_EQ(filter.Find(R"({"n":"imei"})"), 0u);
}

TEST(FieldFilterTest, HidesNothingWithoutRules) {
  const std::string json = R"({"imei":1})";
  EXPECT_EQ(Filtered(FieldFilter(), json), json);
  EXPECT_EQ(FieldFilter().Find(json), 0u);
}

TEST(FieldFilterTest, AppendsToWhatIsThere) {
  std::string out = "[1,";
  SomeFilter().Append(kVisitor, R"({"imei":1})", out);
  EXPECT_EQ(out, "[1,{}");
}

TEST(FieldFilterTest, CopesWithTheDeepestAndTheWidest) {
  const FieldFilter filter = SomeFilter();
  std::string nested = "1";
  for (int i = 0; i < 60; ++i) nested = "{\"a\":" + nested + ",\"imei\":[1]}";
  std::string expected = "1";
  for (int i = 0; i < 60; ++i) expected = "{\"a\":" + expected + "}";
  EXPECT_EQ(Filtered(filter, nested), expected);
  std::string wide = "{\"x\":0";
  for (int i = 0; i < 20'000; ++i) wide += ",\"imei\":1";
  EXPECT_EQ(Filtered(filter, wide + "}"), "{\"x\":0}");
}

// Whoever hands over something else than JSON gets nonsense, but nothing is read beyond it.
TEST(FieldFilterTest, StaysWithinWhatItIsGiven) {
  const FieldFilter filter = SomeFilter();
  const std::string json = R"({"a":{"imei":[1,{"b":"}\""}]},"imei" : -1.5 , "driver":"x"})";
  for (size_t size = 0; size <= json.size(); ++size) {
    const std::vector<char> exact(json.begin(), json.begin() + static_cast<long>(size));
    std::string out;
    filter.Append(kVisitor, {exact.data(), exact.size()}, out);
    EXPECT_LE(out.size(), size);
  }
}

TEST(FieldFilterTest, KnowsNormalForms) {
  EXPECT_EQ(NormalFieldName("Api-Key"), "apikey");
  EXPECT_EQ(NormalFieldName("battery_level"), "batterylevel");
  EXPECT_EQ(NormalFieldName("a b.C"), "abc");
  EXPECT_EQ(NormalFieldName("_-. "), "");
  EXPECT_EQ(NormalFieldName("É1"), "É1");
}

}  // namespace
}  // namespace trackwire::notify
