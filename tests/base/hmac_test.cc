#include "base/hmac.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace trackwire::base {
namespace {

TEST(HmacTest, IsThatOfTheSpecification) {
  EXPECT_EQ(Base64Encode(HmacSha256("Jefe", "what do ya want for nothing?")),
            "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=");
  EXPECT_EQ(HmacSha256("", "").size(), 32u);
  EXPECT_NE(HmacSha256("a", "x"), HmacSha256("b", "x"));
}

}  // namespace
}  // namespace trackwire::base
