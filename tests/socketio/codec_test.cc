#include "socketio/codec.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cmath>
#include <limits>
#include <random>

namespace trackwire::socketio {
namespace {

using Attachments = std::vector<std::string_view>;
constexpr const char* kFirst = R"({"_placeholder":true,"num":0})";

struct User {
  std::string name;
  std::vector<std::byte> photo;
  std::optional<int> age;
  friend bool operator==(const User&, const User&) = default;
};

}  // namespace

template <>
struct Codec<User> {
  static void Write(const User& user, ArgsWriter& out) {
    out.BeginObject();
    out.Member("name", user.name);
    out.Member("photo", user.photo);
    out.Member("age", user.age);
    out.EndObject();
  }
  static bool Read(ArgsReader& in, User& user) {
    return in.Member("name", user.name) && in.Member("photo", user.photo) &&
           in.Member("age", user.age);
  }
};

namespace {

struct Silent {};
struct Talkative {};

}  // namespace

template <>
struct Codec<Silent> {
  static void Write(const Silent&, ArgsWriter&) {}
};
template <>
struct Codec<Talkative> {
  static void Write(const Talkative&, ArgsWriter& out) {
    out.Null();
    out.Null();
  }
};

namespace {

std::vector<std::byte> Blob(std::string_view text) {
  const Bytes bytes = AsBytes(text);
  return {bytes.begin(), bytes.end()};
}

template <typename T>
std::optional<T> Read(const std::string& json, const Attachments& attachments = {}) {
  auto values = ReadArgs<T>("[" + json + "]", attachments);
  if (!values) return std::nullopt;
  return std::move(std::get<0>(*values));
}

/// Why the arguments do not fit; "fits" when they do.
template <typename... T>
std::string Why(const std::string& args_json, const Attachments& attachments = {}) {
  ReadScope scope(attachments);
  ArrayReader array(ArgsReader{scope, base::ScanJson(args_json).value()});
  std::tuple<T...> values;
  const bool fits = std::apply([&](T&... each) { return (array.Next(each) && ...); }, values);
  return fits ? "fits" : array.Why();
}

TEST(CodecTest, WritesEveryType) {
  EXPECT_EQ(MakeArgs().json, "");
  EXPECT_EQ(MakeArgs(true, false, nullptr).json, "true,false,null");
  EXPECT_EQ(MakeArgs(1, -2L, uint8_t{255}, int8_t{-128}).json, "1,-2,255,-128");
  EXPECT_EQ(MakeArgs(std::numeric_limits<int64_t>::min()).json, "-9223372036854775808");
  EXPECT_EQ(MakeArgs(std::numeric_limits<uint64_t>::max()).json, "18446744073709551615");
  EXPECT_EQ(MakeArgs(1.5, -0.25F, 2.0, 1e21, 0.1).json, "1.5,-0.25,2,1e+21,0.1");
  EXPECT_EQ(MakeArgs(std::nan(""), INFINITY, -INFINITY).json, "null,null,null");
  const char* nothing = nullptr;
  EXPECT_EQ(MakeArgs("a", std::string("b\n"), std::string_view("\"c\""), nothing).json,
            R"("a","b\n","\"c\"",null)");
  EXPECT_EQ(MakeArgs(std::string("a\0b", 3)).json, R"("a\u0000b")");
  EXPECT_EQ(MakeArgs(std::vector<int>{1, 2}, std::vector<bool>{true, false}).json,
            "[1,2],[true,false]");
  EXPECT_EQ(MakeArgs(std::vector<std::string>{}, std::array<int, 2>{3, 4}).json, "[],[3,4]");
  EXPECT_EQ(MakeArgs(std::map<std::string, int>{{"a", 1}, {"\"", 2}}).json, R"({"\"":2,"a":1})");
  EXPECT_EQ(MakeArgs(std::unordered_map<std::string, int>{{"a", 1}}).json, R"({"a":1})");
  EXPECT_EQ(MakeArgs(std::optional<int>(), std::optional<int>(5)).json, "null,5");
  EXPECT_EQ(MakeArgs(std::tuple(1, "x"), std::pair(true, 2.5), std::tuple()).json,
            R"([1,"x"],[true,2.5],[])");
  EXPECT_EQ(MakeArgs(Json{R"({"raw":[1]})", {}}, Json()).json, R"({"raw":[1]},null)");
}

TEST(CodecTest, NumbersAttachmentsWhereverTheyAre) {
  const User user{"ann", Blob("P"), std::nullopt};
  const std::map<std::string, std::vector<Bytes>> files{{"f", {AsBytes("1"), AsBytes("2")}}};
  const Args args = MakeArgs(AsBytes("0"), files, user, Blob(""));
  EXPECT_EQ(args.json, R"({"_placeholder":true,"num":0},)"
                       R"({"f":[{"_placeholder":true,"num":1},{"_placeholder":true,"num":2}]},)"
                       R"({"name":"ann","photo":{"_placeholder":true,"num":3},"age":null},)"
                       R"({"_placeholder":true,"num":4})");
  EXPECT_EQ(args.attachments, (std::vector<std::string>{"0", "1", "2", "P", ""}));
  const auto read =
      ReadArgs<Bytes, std::map<std::string, std::vector<Bytes>>, User, std::vector<std::byte>>(
          args);
  ASSERT_TRUE(read);
  EXPECT_EQ(AsText(std::get<0>(*read)), "0");
  EXPECT_EQ(AsText(std::get<1>(*read).at("f").at(1)), "2");
  EXPECT_EQ(std::get<2>(*read), user);
  EXPECT_TRUE(std::get<3>(*read).empty());
}

TEST(CodecTest, TextThatIsNoUtf8IsMadeReadable) {
  const std::string bad = "a\xFFz\xC3\xA9\xE2\x82";
  EXPECT_EQ(MakeArgs(bad).json, "\"a\xEF\xBF\xBDz\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_EQ(MakeArgs(std::map<std::string, int>{{"\x80", 1}}).json, "{\"\xEF\xBF\xBD\":1}");
  EXPECT_EQ(MakeArgs("\xED\xA0\x80").json, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(CodecTest, IntegersAreCheckedForTheirRange) {
  EXPECT_EQ(Read<int>("0"), 0);
  EXPECT_EQ(Read<int>("-2147483648"), std::numeric_limits<int>::min());
  EXPECT_EQ(Read<int>("2147483648"), std::nullopt);
  EXPECT_EQ(Read<int8_t>("-128"), -128);
  EXPECT_EQ(Read<int8_t>("128"), std::nullopt);
  EXPECT_EQ(Read<uint8_t>("255"), 255);
  EXPECT_EQ(Read<uint8_t>("256"), std::nullopt);
  EXPECT_EQ(Read<uint8_t>("-1"), std::nullopt);
  EXPECT_EQ(Read<unsigned>("-0"), 0u);
  EXPECT_EQ(Read<int64_t>("-9223372036854775808"), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(Read<int64_t>("9223372036854775808"), std::nullopt);
  EXPECT_EQ(Read<uint64_t>("18446744073709551615"), std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(Read<uint64_t>("18446744073709551616"), std::nullopt);
  for (const char* whole : {"2", "2.0", "2e0", "0.2e1", "20e-1", "2.000"}) {
    EXPECT_EQ(Read<int>(whole), 2) << whole;
    EXPECT_EQ(Read<uint16_t>(whole), 2) << whole;
  }
  EXPECT_EQ(Read<int64_t>("9007199254740991.0"), 9007199254740991);
  for (const char* bad : {"1.5", "1e400", "-1e400", "1e-400e", "9007199254740992.0", "1e19",
                          "\"1\"", "true", "null", "[1]", "{}"}) {
    EXPECT_EQ(Read<int64_t>(bad), std::nullopt) << bad;
    EXPECT_EQ(Read<uint64_t>(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(Read<uint64_t>("-1.0"), std::nullopt);
  EXPECT_EQ(Why<int>("[1.5]"), "argument 1: not a whole number in range");
  EXPECT_EQ(Why<unsigned>("[\"1\"]"), "argument 1: not a number");
}

TEST(CodecTest, FloatingPointNumbersAreFinite) {
  EXPECT_EQ(Read<double>("0.1"), 0.1);
  EXPECT_EQ(Read<double>("7"), 7.0);
  EXPECT_EQ(Read<double>("-1.5e300"), -1.5e300);
  EXPECT_EQ(Read<double>("1e-400"), 0.0);
  EXPECT_EQ(Read<double>("1e400"), std::nullopt);
  EXPECT_EQ(Read<float>("0.5"), 0.5F);
  EXPECT_EQ(Read<float>("1e39"), std::nullopt);
  EXPECT_EQ(Read<float>("-1e39"), std::nullopt);
  EXPECT_EQ(Read<double>("null"), std::nullopt);
  EXPECT_EQ(Why<double>("[1e400]"), "argument 1: a number that is too large");
  EXPECT_EQ(Why<double>("[\"a\"]"), "argument 1: not a number");
}

TEST(CodecTest, StringsAreDecoded) {
  EXPECT_EQ(Read<std::string>(R"("a\u00e9\n\"\\\/")"), "a\xC3\xA9\n\"\\/");
  EXPECT_EQ(Read<std::string>(R"("\ud83d\ude00")"), "\xF0\x9F\x98\x80");
  EXPECT_EQ(Read<std::string>(R"("\ud83d")"), "\xEF\xBF\xBD");
  EXPECT_EQ(Read<std::string>(R"("\ude00x")"), "\xEF\xBF\xBDx");
  EXPECT_EQ(Read<std::string>("\"\""), "");
  for (const char* bad : {"1", "true", "null", "[\"a\"]", "{}"}) {
    EXPECT_EQ(Read<std::string>(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(Why<std::string>("[null]"), "argument 1: not a string");
}

TEST(CodecTest, BorrowedTextIsDecodedForAsLongAsTheScopeLives) {
  const Attachments none;
  ReadScope scope(none);
  ArrayReader array(ArgsReader{scope, base::ScanJson(R"(["plain","\u0061\n",3])").value()});
  std::string_view plain;
  std::string_view escaped;
  ASSERT_TRUE(array.Next(plain) && array.Next(escaped));
  EXPECT_EQ(plain, "plain");
  EXPECT_EQ(escaped, "a\n");
  EXPECT_FALSE(array.Next(plain));

  ReadScope copied(none, ReadScope::Texts::kCopied);
  ArgsReader reader(copied, base::ScanJson("\"x\"").value());
  EXPECT_FALSE(reader.Read(plain));
  std::string text;
  EXPECT_TRUE(reader.Read(text));
}

TEST(CodecTest, OtherScalarsAreWhatTheySay) {
  EXPECT_EQ(Read<bool>("true"), true);
  EXPECT_EQ(Read<bool>("false"), false);
  for (const char* bad : {"1", "0", "null", "\"true\"", "[]"}) {
    EXPECT_EQ(Read<bool>(bad), std::nullopt) << bad;
  }
  EXPECT_TRUE(Read<std::nullptr_t>("null"));
  EXPECT_FALSE(Read<std::nullptr_t>("0"));
  EXPECT_EQ(Why<bool>("[1]"), "argument 1: neither true nor false");
  EXPECT_EQ(Why<std::nullptr_t>("[1]"), "argument 1: not null");
}

TEST(CodecTest, ContainersAreReadWhole) {
  EXPECT_EQ(Read<std::vector<int>>("[1, 2 ,3]"), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(Read<std::vector<bool>>("[true,false]"), (std::vector<bool>{true, false}));
  EXPECT_EQ(Read<std::vector<int>>("[]"), std::vector<int>());
  EXPECT_EQ(Read<std::vector<std::vector<int>>>("[[1],[],[2,3]]"),
            (std::vector<std::vector<int>>{{1}, {}, {2, 3}}));
  for (const char* bad : {"[1,\"2\"]", "{}", "1", "null", "\"[]\"", "[null]", "[1.5]"}) {
    EXPECT_EQ(Read<std::vector<int>>(bad), std::nullopt) << bad;
  }
  EXPECT_EQ((Read<std::array<int, 2>>("[1,2]")), (std::array<int, 2>{1, 2}));
  for (const char* bad : {"[1]", "[1,2,3]", "[]", "[1,null]", "{}"}) {
    EXPECT_EQ((Read<std::array<int, 2>>(bad)), std::nullopt) << bad;
  }
  using Map = std::map<std::string, int>;
  EXPECT_EQ(Read<Map>(R"({"a":1,"\u0062":2,"a":3})"), (Map{{"a", 3}, {"b", 2}}));
  EXPECT_EQ((Read<std::unordered_map<std::string, int>>(R"({"a":1})"))->at("a"), 1);
  for (const char* bad : {R"({"a":"1"})", "[]", "null", "1"}) {
    EXPECT_EQ(Read<Map>(bad), std::nullopt) << bad;
  }
  EXPECT_EQ((Read<std::pair<int, std::string>>(R"([1,"x",2])")), std::pair(1, std::string("x")));
  EXPECT_EQ((Read<std::pair<int, std::string>>("[1]")), std::nullopt);
  EXPECT_EQ((Read<std::tuple<int, std::optional<int>>>("[1]")),
            std::tuple(1, std::optional<int>()));
  EXPECT_EQ((Read<std::tuple<int>>("{}")), std::nullopt);
  EXPECT_EQ((Why<int, std::vector<int>>("[1,[1,true]]")), "argument 2: not a number");
  EXPECT_EQ((Why<std::array<int, 1>>("[[1,2]]")), "argument 1: an array that is too long");
}

TEST(CodecTest, OptionalMayBeNullOrAbsent) {
  using Two = std::tuple<int, std::optional<std::string>>;
  EXPECT_EQ((ReadArgs<int, std::optional<std::string>>("[1]", {})), Two(1, std::nullopt));
  EXPECT_EQ((ReadArgs<int, std::optional<std::string>>("[1,null]", {})), Two(1, std::nullopt));
  EXPECT_EQ((ReadArgs<int, std::optional<std::string>>("[1,\"x\"]", {})), Two(1, "x"));
  EXPECT_EQ((ReadArgs<int, std::optional<std::string>>("[1,2]", {})), std::nullopt);
  EXPECT_EQ((ReadArgs<int, std::optional<std::string>>("[]", {})), std::nullopt);
}

TEST(CodecTest, ArgumentsBeyondThoseAskedForAreIgnored) {
  EXPECT_EQ(ReadArgs<int>("[1,\"two\",{}]", {}), std::tuple(1));
  EXPECT_EQ(ReadArgs<>("[1,2]", {}), std::tuple<>());
  EXPECT_EQ((Why<int, int>("[1]")), "argument 2: missing");
}

TEST(CodecTest, WhatIsNoArrayOfArgumentsDoesNotFit) {
  for (const char* bad : {"", "1", "{}", "[1", "[1]]", "[01]", "null", "[1,]"}) {
    EXPECT_EQ(ReadArgs<>(bad, {}), std::nullopt) << bad;
  }
}

TEST(CodecTest, BinaryIsTheAttachmentThePlaceholderNames) {
  const Attachments two{"zero", "one"};
  EXPECT_EQ(Read<std::vector<std::byte>>(R"({"_placeholder":true,"num":1})", two), Blob("one"));
  EXPECT_EQ(AsText(Read<Bytes>(R"({"num":0,"_placeholder":true,"x":1})", two).value()), "zero");
  EXPECT_EQ(AsText(Read<Bytes>(R"({"\u005fplaceholder":true,"num":1})", two).value()), "one");
  for (const char* bad :
       {R"({"_placeholder":true,"num":2})", R"({"_placeholder":true,"num":-1})",
        R"({"_placeholder":true,"num":1.5})", R"({"_placeholder":true,"num":"1"})",
        R"({"_placeholder":true})", R"({"_placeholder":1,"num":1})",
        R"({"_placeholder":false,"num":1})", R"({"num":1})", "{}", "[]", "\"one\"", "1", "null"}) {
    EXPECT_FALSE(Read<Bytes>(bad, two)) << bad;
  }
  EXPECT_FALSE(Read<Bytes>(kFirst)) << "there is no attachment";
  EXPECT_FALSE((Read<std::map<std::string, Json>>(kFirst, two))) << "binary is no object";
  EXPECT_FALSE(Read<User>(kFirst, two));
  EXPECT_EQ(Why<Bytes>("[1]"), "argument 1: not binary");
}

TEST(CodecTest, AttachmentsAreNotCopiedAsOftenAsTheyAreNamed) {
  const std::string large(1'000, 'x');
  const auto named = [](size_t times) {
    std::string list = "[";
    for (size_t i = 0; i < times; ++i) list += (i > 0 ? "," : "") + std::string(kFirst);
    return list + "]";
  };
  using Copies = std::vector<std::vector<std::byte>>;
  EXPECT_EQ(Read<Copies>(named(ReadScope::kMaxCopies), {large})->size(), ReadScope::kMaxCopies);
  EXPECT_FALSE(Read<Copies>(named(ReadScope::kMaxCopies + 1), {large}));
  EXPECT_FALSE(Read<std::vector<Json>>(named(ReadScope::kMaxCopies + 1), {large}));
  EXPECT_EQ(Why<std::vector<Json>>("[" + named(20'000) + "]", {large}),
            "argument 1: binary that is named too often");
  // What borrows, and what has each of them once, is not in their way.
  EXPECT_EQ(Read<std::vector<Bytes>>(named(100), {large})->size(), 100u);
  EXPECT_EQ(Read<Json>(named(100), {large})->attachments.size(), 1u);
}

TEST(CodecTest, OwnTypesSayWhatTheyWant) {
  const Attachments one{"P"};
  const auto user =
      Read<User>(R"({"age":7,"photo":{"_placeholder":true,"num":0},"more":1,"name":"ann"})", one);
  EXPECT_EQ(user, (User{"ann", Blob("P"), 7}));
  EXPECT_EQ((Why<User>(R"([{"name":"ann"}])")), "argument 1: a member is missing");
  EXPECT_EQ((Why<User>("[3]")), "argument 1: not an object");
  EXPECT_EQ((Why<User>(R"([{"name":1}])")), "argument 1: not a string");
  EXPECT_EQ(ToJson(std::tuple(1, "x")).text, R"([1,"x"])");
  EXPECT_EQ((FromJson<std::map<std::string, int>>(R"({"a":1})"))->at("a"), 1);
  EXPECT_EQ(FromJson<int>("1 2"), std::nullopt);
  EXPECT_EQ(FromJson<int>("\"1\""), std::nullopt);
}

TEST(CodecTest, RawJsonKeepsItsAttachments) {
  const Attachments three{"zero", "one", "two"};
  const std::string text =
      R"({"b":{"_placeholder":true,"num":2},"a":[{"num":1,"_placeholder":true},3,)"
      R"({"_placeholder":true,"num":2},{"_placeholder":false,"num":0}]})";
  const auto json = Read<Json>(text, three);
  ASSERT_TRUE(json);
  EXPECT_EQ(json->text,
            R"({"b":{"_placeholder":true,"num":0},"a":[{"num":1,"_placeholder":true},3,)"
            R"({"_placeholder":true,"num":0},{"_placeholder":false,"num":0}]})");
  EXPECT_EQ(json->attachments, (std::vector<std::string>{"two", "one"}));
  const Args args = MakeArgs(AsBytes("first"), *json, AsBytes("last"));
  EXPECT_EQ(args.attachments, (std::vector<std::string>{"first", "two", "one", "last"}));
  const auto back = ReadArgs<Bytes, std::map<std::string, Json>, Bytes>(args);
  ASSERT_TRUE(back);
  EXPECT_EQ(std::get<1>(*back).at("b").attachments, std::vector<std::string>{"two"});
  EXPECT_EQ(AsText(std::get<2>(*back)), "last");
}

TEST(CodecTest, TheRestOfTheArgumentsStaysAsItIs) {
  const Attachments two{"zero", "one"};
  ReadScope scope(two);
  const std::string text =
      "[" + std::string(kFirst) + R"(,1, {"a":{"_placeholder":true,"num":1}} ,"x"])";
  ArrayReader array(ArgsReader{scope, base::ScanJson(text).value()});
  Bytes first;
  Args rest;
  Args nothing;
  ASSERT_TRUE(array.Next(first) && array.Next(rest) && array.Next(nothing));
  EXPECT_EQ(rest.json, R"(1,{"a":{"_placeholder":true,"num":0}},"x")");
  EXPECT_EQ(rest.attachments, std::vector<std::string>{"one"});
  EXPECT_EQ(nothing.json, "");
  const Args sent = MakeArgs("to", AsBytes("b"), rest, nothing);
  EXPECT_EQ(sent.json, R"("to",{"_placeholder":true,"num":0},1,)"
                       R"({"a":{"_placeholder":true,"num":1}},"x")");
  EXPECT_EQ(sent.attachments, (std::vector<std::string>{"b", "one"}));
}

TEST(CodecDeathTest, ACodecWritesExactlyOneValue) {
  EXPECT_DEATH(MakeArgs(Silent()), "");
  EXPECT_DEATH(MakeArgs(Talkative()), "");
  EXPECT_DEATH(MakeArgs(std::map<std::string, Silent>{{"a", {}}}), "");
  EXPECT_DEATH(MakeArgs(std::map<std::string, Talkative>{{"a", {}}}), "");
  EXPECT_DEATH(ArgsWriter().EndArray(), "");
  EXPECT_DEATH(ArgsWriter().Key("a"), "");
}

using Inner = std::map<std::string, std::vector<std::optional<std::string>>>;
using Everything = std::tuple<bool, int8_t, uint16_t, int32_t, uint64_t, int64_t, double, float,
                              std::string, Inner, std::vector<std::vector<std::byte>>,
                              std::optional<std::pair<int, bool>>, User>;

/// Makes values of any kind, more often those at the edges.
class Maker {
 public:
  explicit Maker(uint32_t seed) : random_(seed) {}

  size_t Below(size_t end) { return std::uniform_int_distribution<size_t>(0, end - 1)(random_); }
  void Make(bool& value) { value = Below(2) == 1; }
  template <IntegerType T>
  void Make(T& value) {
    using Limits = std::numeric_limits<T>;
    const T edges[] = {Limits::min(), Limits::max(), 0, 1, static_cast<T>(Limits::max() - 1)};
    value = Below(2) == 0 ? edges[Below(5)] : static_cast<T>(random_());
  }
  void Make(double& value) {
    const double edges[] = {0, 1e21, 1e-7, 5e-324, std::numeric_limits<double>::max(), 1e20};
    value = Below(2) == 0 ? edges[Below(6)] : std::ldexp(Fraction(), int(Below(600)) - 300);
  }
  void Make(float& value) {
    value = static_cast<float>(std::ldexp(Fraction(), int(Below(60)) - 30));
  }
  void Make(std::string& value) {
    static const std::vector<std::string> kPieces = {"a",
                                                     "\"",
                                                     "\\",
                                                     "\n",
                                                     std::string(1, '\0'),
                                                     "\x7f",
                                                     "\xC3\xA9",
                                                     "\xF0\x9F\x98\x80",
                                                     "_placeholder",
                                                     "{",
                                                     "]",
                                                     ",",
                                                     "\\u0041",
                                                     "\xEF\xBF\xBD",
                                                     "/",
                                                     "\x1f"};
    value.clear();
    for (size_t i = Below(6); i > 0; --i) value += kPieces[Below(kPieces.size())];
  }
  void Make(std::byte& value) { value = static_cast<std::byte>(random_()); }
  void Make(User& value) {
    Make(value.name);
    Make(value.photo);
    Make(value.age);
  }
  template <typename T>
  void Make(std::vector<T>& value) {
    value.resize(Below(5));
    for (T& one : value) Make(one);
  }
  template <typename T>
  void Make(std::map<std::string, T>& value) {
    for (size_t i = Below(4); i > 0; --i) {
      std::string name;
      Make(name);
      Make(value[name]);
    }
  }
  template <typename T>
  void Make(std::optional<T>& value) {
    value.reset();
    if (Below(3) > 0) Make(value.emplace());
  }
  template <typename A, typename B>
  void Make(std::pair<A, B>& value) {
    Make(value.first);
    Make(value.second);
  }
  template <typename... T>
  void Make(std::tuple<T...>& value) {
    std::apply([this](T&... each) { (Make(each), ...); }, value);
  }

 private:
  double Fraction() { return std::uniform_real_distribution<double>(-1, 1)(random_); }

  std::mt19937_64 random_;
};

TEST(CodecPropertyTest, WhatWasWrittenIsReadAsTheSame) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    Everything value;
    Maker(seed).Make(value);
    const Args args = std::apply([](const auto&... each) { return MakeArgs(each...); }, value);
    boost::json::error_code error;
    boost::json::parse("[" + args.json + "]", error);
    ASSERT_FALSE(error) << args.json;
    const auto read = [&]<typename... T>(std::tuple<T...>*) {
      return ReadArgs<T...>(args);
    }(static_cast<Everything*>(nullptr));
    ASSERT_TRUE(read) << args.json;
    ASSERT_EQ(*read, value) << args.json;
    // Also through a program that only forwards them.
    const auto forwarded = ReadArgs<Json>({"[" + args.json + "]", args.attachments});
    ASSERT_TRUE(forwarded);
    const Args again = MakeArgs("x", AsBytes("y"), std::get<0>(*forwarded));
    const auto whole = ReadArgs<std::string, Bytes, Everything>(again);
    ASSERT_TRUE(whole) << again.json;
    ASSERT_EQ(std::get<2>(*whole), value) << again.json;
  }
}

TEST(CodecPropertyTest, DamagedTextIsReadOrRefusedButNeverHarms) {
  size_t fits = 0;
  size_t refused = 0;
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    Maker maker(seed);
    Everything value;
    maker.Make(value);
    Args args = std::apply([](const auto&... each) { return MakeArgs(each...); }, value);
    const std::string_view pieces = "0123456789-+.eE\"\\{}[],:tfnul ";
    for (size_t i = 0; i < 1 + maker.Below(2); ++i) {
      args.json[maker.Below(args.json.size())] = pieces[maker.Below(pieces.size())];
    }
    const auto read = [&]<typename... T>(std::tuple<T...>*) {
      return ReadArgs<T...>(args);
    }(static_cast<Everything*>(nullptr));
    ++(read ? fits : refused);
    if (!read) continue;
    ASSERT_TRUE(base::ScanJson("[" + args.json + "]")) << args.json;
    // What it was read as is its own fixed point.
    const Args again = std::apply([](const auto&... each) { return MakeArgs(each...); }, *read);
    const auto same = [&]<typename... T>(std::tuple<T...>*) {
      return ReadArgs<T...>(again);
    }(static_cast<Everything*>(nullptr));
    ASSERT_TRUE(same) << again.json;
    ASSERT_EQ(*same, *read) << args.json;
  }
  EXPECT_GT(fits, 100u);
  EXPECT_GT(refused, 100u);
}

}  // namespace
}  // namespace trackwire::socketio
