#include "socketio/adapters/session_value.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/text.h"
#include "tests/socketio/hex.h"

namespace trackwire::socketio {
namespace {

TEST(SessionValueTest, IsTheNpmAdaptersForm) {
  RecoveryRecord record;
  record.sid = "s";
  record.pid = "p";
  record.rooms = {"r"};
  record.data = R"({"n":1})";
  const auto bytes = base::Base64Decode(EncodeSessionValue(record));
  ASSERT_TRUE(bytes);
  EXPECT_EQ(ToHex(*bytes), "84a3736964a173a3706964a170a5726f6f6d7392a173a172a46461746181a16e01");
}

TEST(SessionValueTest, DataOfEveryKindComesBack) {
  for (const std::string data :
       {"", R"({"user":"u","list":[1,2.5,null]})", "not json", "[1,2]", "\x01\xff"}) {
    RecoveryRecord record{"p", "s", "/", {"a", "b"}, data, {}};
    const auto back = DecodeSessionValue(EncodeSessionValue(record), {});
    ASSERT_TRUE(back) << data;
    EXPECT_EQ(back->sid, "s");
    EXPECT_EQ(back->pid, "p");
    EXPECT_EQ(back->rooms, record.rooms);
    EXPECT_EQ(back->data, data);
  }
}

TEST(SessionValueTest, RefusesWhatIsNone) {
  for (const char* hex : {"", "c0", "90", "80", "81a3736964a173",
                          "84a3736964a173a3706964a170a5726f6f6d73a172a46461746180",
                          "84a3736964a173a3706964a170a5726f6f6d739101a46461746180",
                          "84a373696401a3706964a170a5726f6f6d7390a46461746180",
                          "84a3736964a0a3706964a170a5726f6f6d7390a46461746180",
                          "84a3736964a173a3706964a170a5726f6f6d7390a46461746107"}) {
    EXPECT_FALSE(DecodeSessionValue(base::Base64Encode(FromHex(hex)), {})) << hex;
  }
  EXPECT_FALSE(DecodeSessionValue("%%%", {}));
}

}  // namespace
}  // namespace trackwire::socketio
