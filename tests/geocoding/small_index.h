#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "geocoding/index_file.h"
#include "geocoding/place_finder.h"

namespace trackwire::geocoding {

/// The bytes of an index with a record of every kind: the country AA has the cell at 0N 0E whole,
/// and BB the southern half of the one east of it, the part of it that a mask calls land. AA has
/// places enough for a tree.
class SmallIndex {
 public:
  SmallIndex() {
    const uint32_t text = Text("Somebody");
    std::vector<PlaceRecord> places;
    for (int i = 0; i < 4; ++i) places.push_back(Place(0.1 + 0.2 * i, 0.5, "Town"));
    places.push_back(Place(0.25, 1.5, "Port"));
    const std::vector<NodeRecord> nodes{Node(0, 2), Leaf(0, 2), Leaf(2, 2), Leaf(4, 1)};
    std::vector<CellRecord> cells(360 * 180);
    cells[90 * 360 + 180] = 1;
    cells[90 * 360 + 181] = kMixedCell;
    MaskRecord mask;
    mask.rows.fill(0xffff'ffff);
    mask.rows[63] = 0;

    bytes_.resize(16 + 11 * 8 + 7);
    bytes_.resize(bytes_.size() & ~size_t{7});
    Add(std::vector<AttributionRecord>{{text, text, text}});
    Add(std::vector<CountryRecord>{{{'A', 'A'}, 0, Text("Aland"), 0, 4, 0, 3},
                                   {{'B', 'B'}, kSmallStates, Text("Beland"), 4, 1, 3, 1}});
    Add(std::vector<StateRecord>{{Text("Shire")}});
    Add(cells);
    Add(std::vector<MixedRecord>{{0, 1, 0, 1}});
    Add(std::vector<RingRecord>{{0, 4, 1 | kNewArea}});
    Add(std::vector<VertexRecord>{{0, 0}, {65535, 0}, {65535, 32768}, {0, 32768}});
    Add(std::vector<MaskRecord>{mask});
    Add(nodes);
    Add(places);
    Add(std::vector<char>(texts_.begin(), texts_.end()));
    const uint32_t version = 1;
    const auto size = static_cast<uint32_t>(bytes_.size());
    std::memcpy(bytes_.data(), "TRACKGEO", 8);
    std::memcpy(bytes_.data() + 8, &version, 4);
    std::memcpy(bytes_.data() + 12, &size, 4);
  }

  const std::string& bytes() const { return bytes_; }
  /// Where the section of this number begins.
  size_t SectionAt(size_t number) const {
    uint32_t offset = 0;
    std::memcpy(&offset, bytes_.data() + 16 + 8 * number, 4);
    return offset;
  }

 private:
  uint32_t Text(std::string_view text) {
    const auto at = static_cast<uint32_t>(texts_.size());
    const auto length = static_cast<uint16_t>(text.size());
    texts_.append(reinterpret_cast<const char*>(&length), sizeof length).append(text);
    return at;
  }

  PlaceRecord Place(double latitude, double longitude, std::string_view name) {
    const SpherePoint at = ToSphere(latitude, longitude);
    PlaceRecord place{{}, 1.5, Text(name), 1};
    for (size_t axis = 0; axis < 3; ++axis) place.at[axis] = static_cast<float>(at[axis]);
    return place;
  }

  static NodeRecord Node(uint32_t count, uint32_t first) {
    return {{-1, -1, -1}, {1, 1, 1}, 1.5, count, first};
  }
  static NodeRecord Leaf(uint32_t first, uint32_t count) { return Node(count, first); }

  template <typename Record>
  void Add(const std::vector<Record>& records) {
    const auto offset = static_cast<uint32_t>(bytes_.size());
    const auto count = static_cast<uint32_t>(records.size());
    std::memcpy(bytes_.data() + 16 + 8 * sections_, &offset, 4);
    std::memcpy(bytes_.data() + 20 + 8 * sections_, &count, 4);
    ++sections_;
    bytes_.append(reinterpret_cast<const char*>(records.data()), count * sizeof(Record));
    bytes_.resize((bytes_.size() + 7) & ~size_t{7});
  }

  std::string texts_;
  std::string bytes_;
  size_t sections_ = 0;
};

/// A copy that can be broken, at an address as the format asks for.
class IndexCopy {
 public:
  explicit IndexCopy(std::string_view bytes) : words_((bytes.size() + 7) / 8), size_(bytes.size()) {
    if (size_ > 0) std::memcpy(data(), bytes.data(), size_);
  }

  char* data() { return reinterpret_cast<char*>(words_.data()); }
  size_t size() const { return size_; }
  std::span<const std::byte> bytes() { return std::as_bytes(std::span(data(), size_)); }

 private:
  std::vector<uint64_t> words_;
  const size_t size_;
};

}  // namespace trackwire::geocoding
