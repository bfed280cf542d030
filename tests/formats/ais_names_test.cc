#include "formats/ais_names.h"

#include <gtest/gtest.h>

namespace trackwire::formats {
namespace {

TEST(AisTest, CategoriesByShipType) {
  const std::vector<std::pair<int, const char*>> cases = {
      {0, "other"},        {20, "other"},       {30, "fishing"},
      {31, "tug"},         {32, "tug"},         {33, "other"},
      {35, "military"},    {36, "sailing"},     {37, "pleasure"},
      {40, "high_speed"},  {49, "high_speed"},  {50, "pilot"},
      {52, "tug"},         {55, "other"},       {51, "search_and_rescue"},
      {59, "other"},       {60, "passenger"},   {69, "passenger"},
      {70, "cargo"},       {79, "cargo"},       {80, "tanker"},
      {89, "tanker"},      {90, "other"},       {1001, "fishing"},
      {1004, "cargo"},     {1012, "passenger"}, {1019, "pleasure"},
      {1024, "tanker"},    {1025, "tug"},       {-5, "other"}};
  for (const auto& [type, category] : cases) EXPECT_EQ(AisCategory(type), category) << type;
}

TEST(AisTest, NamesReadAsPeopleWriteThem) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"COSCO NETHERLANDS", "Cosco Netherlands"},
      {"MSC OSCAR", "MSC Oscar"},
      {"CMA CGM MARCO POLO", "CMA CGM Marco Polo"},
      {"4TH OF JULY", "4th of July"},
      {"THE OTHER", "The Other"},
      {"HENRY VIII", "Henry VIII"},
      {"O'BRIEN", "O'Brien"},
      {"DON'T PANIC", "Don't Panic"},
      {"JEAN-LUC", "Jean-Luc"},
      {"  TWO   SPACES ", "Two Spaces"},
      {"M37 B", "M37 B"},
      {"A BOAT.", "A Boat."},
      {"iPad Boat", "iPad Boat"},
      {"SKY", "Sky"},
      {"", ""},
  };
  for (const auto& [raw, name] : cases) EXPECT_EQ(VesselName(raw), name);
}

}  // namespace
}  // namespace trackwire::formats
