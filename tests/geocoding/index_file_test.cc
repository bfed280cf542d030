#include "geocoding/index_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <vector>

#include "geocoding/offline_index.h"
#include "tests/geocoding/index_fixture.h"
#include "tests/geocoding/small_index.h"
#include "tests/support/temp_dir.h"

namespace trackwire::geocoding {
namespace {

auto Open(IndexCopy& copy) { return OfflineIndex::Read(copy.bytes()); }

/// In the cells that have something, and elsewhere.
void LookAround(const OfflineIndex& index) {
  for (double latitude = -0.5; latitude <= 1.5; latitude += 0.21) {
    for (double longitude = -0.5; longitude <= 2.5; longitude += 0.27) {
      const auto address = index.Look(latitude, longitude);
      if (address) {
        ASSERT_FALSE(address->display_name.empty());
      }
    }
  }
  index.attributions();
}

template <typename Number>
void Write(IndexCopy& copy, size_t at, Number number) {
  std::memcpy(copy.data() + at, &number, sizeof number);
}

TEST(IndexFileTest, NamesAFileThatIsNotThere) {
  const auto index = OfflineIndex::Open("/nowhere/geocoding.bin");
  ASSERT_FALSE(index);
  EXPECT_EQ(index.error().code, "no_index");
  EXPECT_NE(index.error().detail.find("/nowhere/geocoding.bin"), std::string::npos);
  EXPECT_EQ(OfflineIndex::Open("/").error().code, "no_index");
}

TEST(IndexFileTest, ReadsRecordsOfEveryKind) {
  IndexCopy copy(SmallIndex().bytes());
  const auto index = Open(copy);
  ASSERT_TRUE(index) << index.error().detail;
  EXPECT_EQ((*index)->Look(0.1, 0.5)->display_name, "Town, Shire, Aland");
  EXPECT_EQ((*index)->Look(0.25, 1.25)->display_name, "28 km W of Port, Shire, Beland");
  EXPECT_FALSE((*index)->Find(0.25, 1.75));  // its mask has that as sea
  EXPECT_FALSE((*index)->Find(0.75, 1.25));  // none of its rings has that
  EXPECT_FALSE((*index)->Find(0.5, 2.5));
  EXPECT_EQ((*index)->attributions().front().licence, "Somebody");
}

TEST(IndexFileTest, MapsAFile) {
  const test::TempDir directory;
  const std::string path = directory.File("small.bin");
  std::ofstream(path, std::ios::binary) << SmallIndex().bytes();
  const auto index = OfflineIndex::Open(path);
  ASSERT_TRUE(index);
  EXPECT_EQ((*index)->bytes(), SmallIndex().bytes().size());
  EXPECT_EQ((*index)->Look(0.1, 0.5)->city, "Town");
}

TEST(IndexFileTest, RefusesOtherFiles) {
  const test::TempDir directory;
  const std::string whole = SmallIndex().bytes();
  std::string other_version = whole;
  other_version[8] = 99;
  for (const std::string& bytes :
       {std::string(), std::string("TRACKGEO"), std::string(4096, 'x'), std::string(4096, '\0'),
        whole.substr(0, whole.size() - 1), whole + "x", other_version}) {
    const std::string path = directory.File("broken.bin");
    std::ofstream(path, std::ios::binary) << bytes;
    const auto index = OfflineIndex::Open(path);
    ASSERT_FALSE(index);
    EXPECT_EQ(index.error().code, "bad_index");
  }
}

TEST(IndexFileTest, RefusesEveryLengthButTheWhole) {
  const std::string whole = SmallIndex().bytes();
  for (uint32_t size = 0; size < whole.size(); size += size < 600 ? 1 : 397) {
    IndexCopy copy(std::string_view(whole).substr(0, size));
    EXPECT_FALSE(Open(copy));
    if (size < 16) continue;
    Write(copy, 12, size);  // so that it is a section that is cut off
    EXPECT_FALSE(Open(copy)) << size;
  }
}

TEST(IndexFileTest, RefusesNumbersThatLeadOutOfTheirSection) {
  const SmallIndex small;
  enum {
    kAttributions,
    kCountries,
    kStates,
    kCells,
    kMixed,
    kRings,
    kVertices,
    kMasks,
    kNodes,
    kPlaces
  };
  const struct {
    size_t section;
    size_t offset;
    uint32_t number;
  } changes[] = {
      {kAttributions, 0, 1'000'000},
      {kAttributions, 8, UINT32_MAX},
      {kCountries, 4, UINT32_MAX},
      {kCountries, 8, 2},
      {kCountries, 12, 6},
      {kCountries, 16, 2},
      {kCountries, 20, 5},
      {kCountries, 20, UINT32_MAX},
      {kStates, 0, 5'000},
      {kCells, 0, 3},
      {kCells, 0, kMixedCell + 1},
      {kMixed, 0, 1},
      {kMixed, 4, 2},
      {kMixed, 4, 3U << 16},
      {kMixed, 8, 2},
      {kRings, 0, 1},
      {kRings, 4, 5},
      {kRings, 4, 4 + (2U << 16)},
      {kRings, 4, 1U << 16},
      {kNodes, 28, 1},
      {kNodes, 32, 0},
      {kNodes, 32, 1},
      {kNodes, 32, 3},
      {kNodes, 0, 0x7fc00000},
      {kNodes, 24, 0x7f800000},
      {kNodes, 36 + 28, 5},
      {kNodes, 36 + 32, 4},
      {kNodes, 36 + 32, UINT32_MAX},
      {kPlaces, 0, 0x7fc00000},
      {kPlaces, 12, 0x7fc00000},
      {kPlaces, 16, 5'000},
      {kPlaces, 20, 2},
  };
  for (const auto& change : changes) {
    IndexCopy copy(small.bytes());
    Write(copy, small.SectionAt(change.section) + change.offset, change.number);
    const auto index = Open(copy);
    ASSERT_FALSE(index) << change.section << " + " << change.offset << ": " << change.number;
    EXPECT_EQ(index.error().code, "bad_index");
  }
}

TEST(IndexFileTest, StaysInsideWhateverTheNumbersSay) {
  const SmallIndex small;
  const size_t cells_end = small.SectionAt(4);
  IndexCopy copy(small.bytes());
  std::mt19937 random(2);
  int opened = 0;
  for (int i = 0; i < 5'000; ++i) {
    // Most cells are empty; what is before and behind them is where the numbers are.
    std::vector<size_t> places;
    for (int n = 0; n < 1 + i % 3; ++n) {
      const size_t tail = copy.size() - cells_end;
      const size_t at = random() % (small.SectionAt(3) + tail);
      places.push_back(at < small.SectionAt(3) ? at : at - small.SectionAt(3) + cells_end);
      copy.data()[places.back()] = static_cast<char>(random());
    }
    if (const auto index = Open(copy)) {
      ++opened;
      LookAround(**index);
    }
    for (const size_t at : places) copy.data()[at] = small.bytes()[at];
  }
  EXPECT_GT(opened, 100);
}

TEST(IndexFileTest, StaysInsideWhenTheWholeWorldIsBroken) {
  std::ifstream in(IndexPath(), std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  ASSERT_FALSE(whole.empty());
  IndexCopy copy(whole);
  std::mt19937 random(3);
  std::uniform_real_distribution<double> unit(-1, 1);
  for (int i = 0; i < 10; ++i) {
    for (int n = 0; n < 10; ++n) copy.data()[random() % copy.size()] ^= 1;
    const auto index = Open(copy);
    if (!index) continue;
    for (int n = 0; n < 1'000; ++n) (*index)->Look(unit(random) * 90, unit(random) * 180);
  }
}

}  // namespace
}  // namespace trackwire::geocoding
