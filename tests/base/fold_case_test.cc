#include "base/fold_case.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace trackwire::base {
namespace {

TEST(FoldCaseTest, MakesCapitalsOfSeveralScriptsSmall) {
  const std::pair<const char*, const char*> cases[] = {
      {"Ada.Lovelace@EXAMPLE.org", "ada.lovelace@example.org"},
      {"ÄÖÜ ÀÇÉÑØÞ", "äöü àçéñøþ"},
      {"ŁÓDŹ ŠŽČŐŰĞŸ", "łódź šžčőűğÿ"},
      {"ΑΘΗΝΑ Ώρα ΣΊΣΥΦΟΣ", "αθηνα ώρα σίσυφοσ"},
      {"ς", "σ"},
      {"ЖУК Ёлка Її", "жук ёлка її"},
      {"ԱՖ", "աֆ"},
      {"ỆẠ", "ệạ"},
      {"× ÷ ß ÿ ª 漢字 🚢 09_-", "× ÷ ß ÿ ª 漢字 🚢 09_-"},
      {"", ""},
  };
  for (const auto& [text, folded] : cases) {
    EXPECT_EQ(FoldCase(text), folded);
  }
}

TEST(FoldCaseTest, ChangesNothingWhenDoneTwiceAndKeepsUtf8) {
  std::string all;
  for (uint32_t point = 0x20; point < 0x2000; ++point) {
    if (point < 0x80) {
      all += static_cast<char>(point);
    } else if (point < 0x800) {
      all += static_cast<char>(0xC0 | point >> 6);
      all += static_cast<char>(0x80 | (point & 0x3F));
    } else {
      all += static_cast<char>(0xE0 | point >> 12);
      all += static_cast<char>(0x80 | (point >> 6 & 0x3F));
      all += static_cast<char>(0x80 | (point & 0x3F));
    }
  }
  ASSERT_TRUE(IsUtf8(all));
  const std::string once = FoldCase(all);
  EXPECT_TRUE(IsUtf8(once));
  EXPECT_EQ(FoldCase(once), once);
  EXPECT_EQ(CountCharacters(once), CountCharacters(all));
}

TEST(FoldCaseTest, LeavesWhatIsNotUtf8) {
  for (const std::string text : {"\xC3", "\xE1\xB8", "a\xFF" "b", "\xC3" "A", "\x80\x80"}) {
    std::string expected = text;
    if (expected.back() == 'A') expected.back() = 'a';
    EXPECT_EQ(FoldCase(text), expected);
  }
}

TEST(FoldCaseTest, CountsCharactersNotBytes) {
  EXPECT_EQ(CountCharacters(""), 0u);
  EXPECT_EQ(CountCharacters("abc"), 3u);
  EXPECT_EQ(CountCharacters("äß漢🚢"), 4u);
}

}  // namespace
}  // namespace trackwire::base
