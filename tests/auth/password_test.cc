#include "auth/password.h"

#include <gtest/gtest.h>

#include <set>

namespace trackwire::auth {
namespace {

const PasswordCost kCheap{64, 1};

// As the reference implementation of Argon2 hashes them.
TEST(PasswordTest, ChecksHashesThatOthersMade) {
  const std::pair<const char*, const char*> cases[] = {
      {"password",
       "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"},
      {"password",
       "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
      {"password",
       "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"},
      {"password",
       "$argon2id$v=19$m=65536,t=1,p=1$c29tZXNhbHQ$9qWtwbpyPd3vm1rB1GThgPzZ3/ydHL92zKL+15XZypg"},
      {"differentpassword",
       "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$C4TWUs9rDEvq7w3+J4umqA32aWKB1+DSiRuBfYxFj94"},
      {"password",
       "$argon2id$v=19$m=65536,t=2,p=1$ZGlmZnNhbHQ$vfMrBczELrFdWP0ZsfhWsRPaHppYdP3MVEMIVlqoFBw"},
  };
  for (const auto& [password, hash] : cases) {
    const auto right = VerifyPassword(password, hash);
    ASSERT_TRUE(right) << hash;
    EXPECT_TRUE(*right) << hash;
    EXPECT_FALSE(*VerifyPassword(std::string(password) + "!", hash)) << hash;
  }
}

TEST(PasswordTest, HashesUnderASaltOfItsOwn) {
  const std::string password("two\0halves of a secret", 22);
  const auto one = HashPassword(password, PasswordCost{});
  const auto two = HashPassword(password, kCheap);
  ASSERT_TRUE(one && two);
  EXPECT_TRUE(one->starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << *one;
  EXPECT_TRUE(two->starts_with("$argon2id$v=19$m=64,t=1,p=1$")) << *two;
  EXPECT_NE(*HashPassword(password, kCheap), *two);
  for (const std::string& hash : {*one, *two}) {
    EXPECT_TRUE(*VerifyPassword(password, hash));
    EXPECT_FALSE(*VerifyPassword("two", hash)) << "a zero byte does not end it";
    EXPECT_FALSE(*VerifyPassword("", hash));
  }
  EXPECT_EQ(one->find("secret"), std::string::npos);
}

TEST(PasswordTest, RefusesHashesThatAreNone) {
  const std::string good =
      "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
  ASSERT_TRUE(CostOf(good));
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  const std::string cases[] = {
      "",
      "password",
      "$argon2id$",
      with("argon2id", "argon2i"),
      with("argon2id", "argon2d"),
      with("v=19", "v=16"),
      with("m=256", "m=262145"),      // more memory than anybody's server gives
      with("m=256", "m=4294967296"),  // beyond 32 bits
      with("m=256", "m=7"),
      with("m=256", "m=0256"),
      with("m=256", "m=-1"),
      with("m=256", "m="),
      with("t=2", "t=17"),
      with("t=2", "t=0"),
      with("p=1", "p=17"),
      with("p=1", "p=0"),
      with("m=256,t=2,p=1", "m=8,t=2,p=2"),  // less memory than the lanes need
      with("m=256,t=2,p=1", "t=2,m=256,p=1"),
      with("c29tZXNhbHQ", "c29t"),
      with("c29tZXNhbHQ", "c29tZXNhbHQ="),
      with("c29tZXNhbHQ", "c29tZXNhbHR"),
      with("c29tZXNhbHQ", "c29t ZXNhbHQ"),
      with("c29tZXNhbHQ$", "c29tZXNhbHQ"),
      good + "$",
      good + "\n",
      good.substr(0, good.size() - 25),
      good + std::string(600, 'A'),
  };
  for (const std::string& hash : cases) {
    EXPECT_FALSE(CostOf(hash)) << hash;
    const auto checked = VerifyPassword("password", hash);
    ASSERT_FALSE(checked) << hash;
    EXPECT_EQ(checked.error().code, "bad_hash");
    EXPECT_TRUE(NeedsRehash(hash, kCheap)) << hash;
  }
}

TEST(PasswordTest, KnowsWhenAHashIsOfOtherParameters) {
  const std::string hash = *HashPassword("correct horse", kCheap);
  EXPECT_EQ(CostOf(hash), kCheap);
  EXPECT_FALSE(NeedsRehash(hash, kCheap));
  EXPECT_TRUE(NeedsRehash(hash, {128, 1}));
  EXPECT_TRUE(NeedsRehash(hash, {64, 2}));
  EXPECT_TRUE(NeedsRehash(
      "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", kCheap))
      << "a short salt";
}

TEST(PasswordTest, MakesDecoysThatNoPasswordFits) {
  const std::string decoy = DecoyHash({128, 3});
  EXPECT_EQ(CostOf(decoy), (PasswordCost{128, 3}));
  EXPECT_FALSE(*VerifyPassword("", decoy));
  EXPECT_NE(DecoyHash({128, 3}), decoy);
}

TEST(PasswordTest, AsksForPasswordsOfSomeLength) {
  EXPECT_TRUE(RefusePassword("1234567"));
  EXPECT_FALSE(RefusePassword("12345678"));
  EXPECT_TRUE(RefusePassword("äöüßäöü")) << "seven characters, fourteen bytes";
  EXPECT_FALSE(RefusePassword(std::string(1'024, 'x')));
  EXPECT_TRUE(RefusePassword(std::string(1'025, 'x')));
  EXPECT_TRUE(RefusePassword("abcdefgh\xff"));
}

TEST(PasswordTest, MakesPasswordsThatDiffer) {
  std::set<std::string> seen;
  std::set<char> letters;
  for (int i = 0; i < 200; ++i) {
    const std::string password = MakePassword();
    EXPECT_EQ(password.size(), 27u);
    EXPECT_EQ(password[6], '-');
    EXPECT_FALSE(RefusePassword(password));
    letters.insert(password.begin(), password.end());
    EXPECT_TRUE(seen.insert(password).second);
  }
  EXPECT_EQ(letters.size(), 33u) << "all of the alphabet, and the hyphen";
}

TEST(PasswordTest, WipesSecrets) {
  std::string secret = "hunter2";
  const char* at = secret.data();
  Wipe(secret);
  EXPECT_TRUE(secret.empty());
  EXPECT_EQ(at[0], '\0');
}

}  // namespace
}  // namespace trackwire::auth
