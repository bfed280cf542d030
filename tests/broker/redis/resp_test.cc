#include "broker/redis/resp.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace trackwire::broker {
namespace {

using Type = RespValue::Type;

/// A value as text that shows all of it, to compare and to read.
std::string Show(const RespValue& value) {
  std::string shown;
  switch (value.type) {
    case Type::kNil: return "nil";
    case Type::kString: return "'" + value.text + "'";
    case Type::kError: return "error '" + value.text + "'";
    case Type::kInteger: return std::to_string(value.integer);
    case Type::kDouble: return std::isnan(value.number) ? "nan" : std::to_string(value.number);
    case Type::kBoolean: return value.integer ? "true" : "false";
    case Type::kArray: shown = "[";
      break;
    case Type::kMap: shown = "map[";
      break;
    case Type::kPush: shown = "push[";
      break;
  }
  for (const RespValue& item : value.items) shown += Show(item) + ",";
  return shown + "]";
}

/// What is read of pieces: the values, then the error if there is one.
std::string ReadPieces(const std::vector<std::string_view>& pieces, RespLimits limits = {}) {
  RespReader reader(limits);
  std::vector<RespValue> values;
  std::string shown;
  for (const std::string_view piece : pieces) {
    // Exactly as large as the piece, for the sanitizer to see each step too far.
    const std::vector<char> exact(piece.begin(), piece.end());
    const auto result = reader.Feed({exact.data(), exact.size()}, values);
    if (!result) {
      for (const RespValue& value : values) shown += Show(value) + " ";
      return shown + "! " + ToString(result.error());
    }
  }
  for (const RespValue& value : values) shown += Show(value) + " ";
  return shown;
}

struct Case {
  std::string_view bytes;
  std::string_view read;
};

const Case kCases[] = {
    {"", ""},
    {"+OK\r\n", "'OK' "},
    {"+\r\n", "'' "},
    {"-ERR no\r\n", "error 'ERR no' "},
    {":0\r\n:-12\r\n:+7\r\n", "0 -12 7 "},
    {":9223372036854775807\r\n", "9223372036854775807 "},
    {":9223372036854775808\r\n", "! bad number"},
    {":\r\n", "! bad number"},
    {":+-1\r\n", "! bad number"},
    {":1 \r\n", "! bad number"},
    {"$5\r\nhe\r\no\r\n", "'he\r\no' "},
    {"$0\r\n\r\n", "'' "},
    {"$-1\r\n", "nil "},
    {"*-1\r\n", "nil "},
    {"_\r\n", "nil "},
    {"_1\r\n", "! bad length"},
    {"$-2\r\n", "! bad length"},
    {"$\r\n", "! bad length"},
    {"$?\r\n", "! bad length"},
    {"!-1\r\n", "! bad length"},
    {"%-1\r\n", "! bad length"},
    {"*-2\r\n", "! bad length"},
    {"$1\r\nab\r\n", "! bad line end"},
    {"*0\r\n", "[] "},
    {"*2\r\n$1\r\na\r\n*1\r\n:1\r\n", "['a',[1,],] "},
    {"~2\r\n:1\r\n:2\r\n", "[1,2,] "},
    {"%1\r\n+a\r\n:1\r\n", "map['a',1,] "},
    {"%0\r\n", "map[] "},
    {">2\r\n+message\r\n+x\r\n+OK\r\n", "push['message','x',] 'OK' "},
    {"*1\r\n>1\r\n+x\r\n", "! bad type"},
    {"#t\r\n#f\r\n", "true false "},
    {"#x\r\n", "! bad number"},
    {",1.5\r\n,-2e3\r\n,inf\r\n,-inf\r\n,nan\r\n", "1.500000 -2000.000000 inf -inf nan "},
    {",infinity\r\n", "! bad number"},
    {",0x10\r\n", "! bad number"},
    {",\r\n", "! bad number"},
    {"(123456789012345678901234567890\r\n", "'123456789012345678901234567890' "},
    {"!5\r\nERR x\r\n", "error 'ERR x' "},
    {"=8\r\ntxt:some\r\n", "'some' "},
    {"=3\r\ntxt\r\n", "! bad length"},
    {"=4\r\ntxt!\r\n", "! bad type"},
    {"|1\r\n+ttl\r\n:3\r\n+value\r\n", "'value' "},
    {"*2\r\n|1\r\n+a\r\n:1\r\n:1\r\n|0\r\n:2\r\n", "[1,2,] "},
    {"x\r\n", "! bad type"},
    {"\r\n", "! bad type"},
    {"+OK\n", "! bad line end"},
    {"+a\rb\r\n", "! bad line end"},
    {"+OK\r\n?", "'OK' ! bad type"},
};

TEST(RespReaderTest, ReadsEveryType) {
  for (const Case& c : kCases) EXPECT_EQ(ReadPieces({c.bytes}), c.read) << c.bytes;
}

TEST(RespReaderTest, ReadsTheSameHoweverTheBytesAreCut) {
  for (const Case& c : kCases) {
    for (size_t first = 0; first <= c.bytes.size(); ++first) {
      for (size_t second = first; second <= c.bytes.size(); ++second) {
        EXPECT_EQ(ReadPieces({c.bytes.substr(0, first), c.bytes.substr(first, second - first),
                              c.bytes.substr(second)}),
                  c.read)
            << c.bytes << " cut at " << first << " and " << second;
      }
    }
  }
}

TEST(RespReaderTest, WaitsForTheRest) {
  for (const Case& c : kCases) {
    const bool one_value = c.read.find(' ') + 1 == c.read.size();
    if (!one_value || c.read.find('!') != std::string_view::npos) continue;
    for (size_t size = 0; size < c.bytes.size(); ++size) {
      EXPECT_EQ(ReadPieces({c.bytes.substr(0, size)}), "") << c.bytes << " cut at " << size;
    }
  }
}

TEST(RespReaderTest, RefusesWhatIsTooLargeBeforeItCame) {
  const RespLimits limits{.max_value_bytes = 10, .max_items = 6, .max_total_bytes = 50,
                          .max_depth = 3};
  const Case cases[] = {
      {"$10\r\n0123456789\r\n", "'0123456789' "},
      {"$11\r\n", "! too large"},
      {"$9223372036854775807\r\n", "! too large"},
      {"+0123456789\r\n", "'0123456789' "},
      {"+0123456789a\r\n", "! too large"},
      {"*6\r\n", "! too large"},
      {"*9223372036854775807\r\n", "! too large"},
      {"%3\r\n", "! too large"},
      {"%9223372036854775807\r\n", "! too large"},
      {"%4611686018427387905\r\n", "! too large"},
      {"*5\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n", "[1,1,1,1,1,] "},
      {"*5\r\n*1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n", "! too large"},
      {"|0\r\n|0\r\n|0\r\n|0\r\n|0\r\n|0\r\n|0\r\n", "! too large"},
      {"*4\r\n$10\r\n0123456789\r\n$10\r\n0123456789\r\n$10\r\n", "! too large"},
      {"*1\r\n*1\r\n*1\r\n:1\r\n", "[[[1,],],] "},
      {"*1\r\n*1\r\n*1\r\n*1\r\n", "! too deep"},
  };
  for (const Case& c : cases) EXPECT_EQ(ReadPieces({c.bytes}, limits), c.read) << c.bytes;
  EXPECT_EQ(ReadPieces({std::string(70, ':')}), "! too large");
}

TEST(RespReaderTest, LimitsCountForEachValueAnew) {
  const RespLimits limits{.max_value_bytes = 10, .max_items = 2, .max_total_bytes = 12};
  std::string bytes, read;
  for (int i = 0; i < 100; ++i) {
    bytes += "*1\r\n:1\r\n";
    read += "[1,] ";
  }
  EXPECT_EQ(ReadPieces({bytes}, limits), read);
}

TEST(RespReaderTest, StaysWithItsFirstError) {
  RespReader reader;
  std::vector<RespValue> values;
  EXPECT_EQ(reader.Feed("?", values).error(), RespError::kBadType);
  EXPECT_EQ(reader.Feed("+OK\r\n", values).error(), RespError::kBadType);
  EXPECT_TRUE(values.empty());
}

/// A random value and its bytes, made by a writer that shares nothing with the reader.
std::string Write(std::mt19937& random, int depth, std::string& shown) {
  const auto number = [&](int limit) { return static_cast<int>(random() % limit); };
  const auto text = [&](int most) {
    std::string made;
    for (int left = number(most); left > 0; --left) made += "ab\r\n$*"[number(6)];
    return made;
  };
  switch (number(depth > 4 ? 5 : 8)) {
    case 0: shown += "nil"; return number(2) ? "_\r\n" : number(2) ? "$-1\r\n" : "*-1\r\n";
    case 1: {
      const int value = number(2000) - 1000;
      shown += std::to_string(value);
      return ":" + std::to_string(value) + "\r\n";
    }
    case 2: shown += "'OK'"; return "+OK\r\n";
    case 3: shown += "true"; return "#t\r\n";
    case 4: {
      const std::string made = text(number(10) ? 20 : 3000);
      shown += "'" + made + "'";
      return "$" + std::to_string(made.size()) + "\r\n" + made + "\r\n";
    }
    default: {
      const bool map = number(2) == 0;
      const int count = number(4);
      std::string bytes = (map ? "%" : "*") + std::to_string(count) + "\r\n";
      shown += map ? "map[" : "[";
      for (int i = 0; i < (map ? 2 * count : count); ++i) {
        bytes += Write(random, depth + 1, shown);
        shown += ",";
      }
      shown += "]";
      return bytes;
    }
  }
}

TEST(RespReaderTest, ReadsBackWhatAnotherWriterWrote) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::string bytes, shown;
    for (int i = 0; i < 20; ++i) {
      bytes += Write(random, 0, shown);
      shown += " ";
    }
    std::vector<std::string_view> pieces;
    for (size_t begin = 0; begin < bytes.size();) {
      const size_t size = std::min<size_t>(1 + random() % 40, bytes.size() - begin);
      pieces.push_back(std::string_view(bytes).substr(begin, size));
      begin += size;
    }
    ASSERT_EQ(ReadPieces(pieces), shown);
  }
}

TEST(RespValueTest, FindsKeysInMapsAndInArraysThatAlternate) {
  for (const char* bytes : {"%2\r\n+a\r\n:1\r\n+b\r\n:2\r\n", "*4\r\n+a\r\n:1\r\n+b\r\n:2\r\n"}) {
    RespReader reader;
    std::vector<RespValue> values;
    ASSERT_TRUE(reader.Feed(bytes, values));
    ASSERT_NE(values[0].Find("b"), nullptr);
    EXPECT_EQ(values[0].Find("b")->integer, 2);
    EXPECT_EQ(values[0].Find("c"), nullptr);
    EXPECT_EQ(values[0].items[0].Find("a"), nullptr);
  }
}

TEST(AppendCommandTest, WritesBulkStrings) {
  std::string out = "before";
  const std::vector<std::string> arguments{"SET", "", std::string("a\0\r\n", 4)};
  AppendCommand(out, arguments);
  EXPECT_EQ(out, "before" + std::string("*3\r\n$3\r\nSET\r\n$0\r\n\r\n$4\r\na\0\r\n\r\n", 29));
}

}  // namespace
}  // namespace trackwire::broker
