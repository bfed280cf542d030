#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace trackwire::geocoding {

// The records of the file, as they lie in it: docs/geocoding.md.

/// Numbers of texts: offsets of theirs in the last section.
struct AttributionRecord {
  uint32_t text;
  uint32_t url;
  uint32_t licence;
};
struct CountryRecord {
  std::array<char, 2> code;  ///< zeros: land of no country
  uint16_t flags;
  uint32_t name;
  uint32_t first_place;
  uint32_t place_count;
  uint32_t first_node;
  uint32_t node_count;
};
/// Of CountryRecord::flags: its states are so small that cities reach beyond theirs.
inline constexpr uint16_t kSmallStates = 1;
struct StateRecord {
  uint32_t name;
};
/// 0: sea; with kMixedCell the number of a MixedRecord; else 1 + the country that has all of it.
using CellRecord = uint32_t;
inline constexpr uint32_t kMixedCell = 0x8000'0000;
struct MixedRecord {
  uint32_t first_ring;
  uint16_t ring_count;
  uint16_t rest;  ///< 1 + the country of what is in none of the rings; 0: sea
  uint32_t mask;  ///< 1 + the number of the mask of land; 0: all is land
};
struct RingRecord {
  uint32_t first_vertex;
  uint16_t vertex_count;
  uint16_t country;  ///< its number, with kNewArea unless it is of the area of the ring before
};
inline constexpr uint16_t kNewArea = 0x8000;
/// From the south-western corner of the cell, in 65535ths of a degree.
struct VertexRecord {
  uint16_t x;
  uint16_t y;
};
/// A bit for each 64th of a degree, row by row from the south-western corner.
struct MaskRecord {
  std::array<uint64_t, 64> rows;
};
struct NodeRecord {
  std::array<float, 3> low;
  std::array<float, 3> high;
  float reach;     ///< the most of its places
  uint32_t count;  ///< of places in a leaf; 0: two children, the first one right behind
  uint32_t first;  ///< the first place, or the second child
};
struct PlaceRecord {
  std::array<float, 3> at;  ///< on the unit sphere: towards 0N 0E, 0N 90E and the pole
  float reach;              ///< km; 0: part of a city, it has no name of its own here
  uint32_t name;
  uint32_t state;  ///< 1 + the number; 0: none
};

/// A file of the format whose every number was checked: what is reached by them is inside.
/// Immutable.
class IndexFile {
 public:
  /// Errors: `no_index`, `bad_index`.
  static Result<std::unique_ptr<const IndexFile>> Map(const std::string& path);
  /// The memory outlives it, aligned to 8 bytes. Error: `bad_index`.
  static Result<std::unique_ptr<const IndexFile>> Read(std::span<const std::byte> bytes);
  ~IndexFile();
  IndexFile(const IndexFile&) = delete;
  IndexFile& operator=(const IndexFile&) = delete;

  /// `number`: one of a record's.
  std::string_view Text(uint32_t number) const;
  size_t bytes() const { return bytes_.size(); }

  std::span<const AttributionRecord> attributions;
  std::span<const CountryRecord> countries;
  std::span<const StateRecord> states;
  std::span<const CellRecord> cells;  ///< 180 rows of 360 from the south, each from the west
  std::span<const MixedRecord> mixed;
  std::span<const RingRecord> rings;
  std::span<const VertexRecord> vertices;
  std::span<const MaskRecord> masks;
  std::span<const NodeRecord> nodes;
  std::span<const PlaceRecord> places;

 private:
  IndexFile(std::span<const std::byte> bytes, bool mapped) : bytes_(bytes), mapped_(mapped) {}

  /// Empty, or what is wrong.
  std::string FindSections();

  std::span<const std::byte> bytes_;
  const bool mapped_;
  std::span<const char> texts_;
};

}  // namespace trackwire::geocoding
