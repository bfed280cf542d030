#include "geocoding/index_check.h"

#include <cmath>

#include "base/text.h"

namespace trackwire::geocoding {
namespace {

/// Whether `first` and `count` more are among `size`.
bool Within(uint64_t first, uint64_t count, uint64_t size) { return first + count <= size; }

bool IsText(const IndexFile& file, uint32_t number) {
  const std::string_view text = file.Text(number);
  return !text.empty() && base::IsUtf8(text);
}

bool IsCode(const std::array<char, 2>& code) {
  const auto is_letter = [](char c) { return c >= 'A' && c <= 'Z'; };
  return (is_letter(code[0]) && is_letter(code[1])) || (code[0] == 0 && code[1] == 0);
}

/// Names that are said of a place can be empty no more than be cut in the middle of a letter.
bool TextsAreGood(const IndexFile& file) {
  for (const AttributionRecord& record : file.attributions) {
    for (const uint32_t text : {record.text, record.url, record.licence}) {
      if (!IsText(file, text)) return false;
    }
  }
  for (const CountryRecord& record : file.countries) {
    if (!IsCode(record.code) || !IsText(file, record.name)) return false;
  }
  for (const StateRecord& record : file.states) {
    if (!IsText(file, record.name)) return false;
  }
  for (const PlaceRecord& record : file.places) {
    if (!IsText(file, record.name)) return false;
  }
  return true;
}

bool CellsAreGood(const IndexFile& file) {
  const size_t countries = file.countries.size();
  for (const CellRecord cell : file.cells) {
    const bool is_mixed = (cell & kMixedCell) != 0;
    if (is_mixed ? (cell & ~kMixedCell) >= file.mixed.size() : cell > countries) return false;
  }
  for (const MixedRecord& record : file.mixed) {
    if (!Within(record.first_ring, record.ring_count, file.rings.size())) return false;
    if (record.rest > countries || record.mask > file.masks.size()) return false;
  }
  for (const RingRecord& record : file.rings) {
    if (!Within(record.first_vertex, record.vertex_count, file.vertices.size())) return false;
    const size_t country = record.country & ~kNewArea;
    if (record.vertex_count == 0 || country >= countries) return false;
  }
  return true;
}

bool PlacesAreGood(const IndexFile& file) {
  for (const PlaceRecord& record : file.places) {
    double length = 0;
    for (const float part : record.at) length += double{part} * part;
    if (!(std::fabs(length - 1) < 1e-5)) return false;
    if (!(record.reach >= 0 && record.reach < 1000) || record.state > file.states.size()) {
      return false;
    }
  }
  return true;
}

bool IsBox(const NodeRecord& node) {
  for (size_t axis = 0; axis < 3; ++axis) {
    if (!(node.low[axis] >= -2 && node.low[axis] <= node.high[axis] && node.high[axis] <= 2)) {
      return false;
    }
  }
  return node.reach >= 0 && node.reach < 1000;
}

/// The subtree at `node` has all nodes up to `end` and none else, and it alone has its places.
bool TreeIsGood(const IndexFile& file, const CountryRecord& country, uint32_t node, uint32_t end,
                size_t depth) {
  if (node >= end || depth > kMaxTreeDepth || !IsBox(file.nodes[node])) return false;
  const auto [count, first] = std::pair(file.nodes[node].count, file.nodes[node].first);
  if (count > 0) {
    return end == node + 1 && first >= country.first_place &&
           Within(first - country.first_place, count, country.place_count);
  }
  return first > node + 1 && first < end && TreeIsGood(file, country, node + 1, first, depth + 1) &&
         TreeIsGood(file, country, first, end, depth + 1);
}

bool TreesAreGood(const IndexFile& file) {
  for (const CountryRecord& country : file.countries) {
    if (!Within(country.first_place, country.place_count, file.places.size()) ||
        !Within(country.first_node, country.node_count, file.nodes.size())) {
      return false;
    }
    if (country.node_count == 0) continue;
    const uint32_t end = country.first_node + country.node_count;
    if (!TreeIsGood(file, country, country.first_node, end, 0)) return false;
  }
  return true;
}

}  // namespace

std::string CheckIndex(const IndexFile& file) {
  if (!TextsAreGood(file)) return "has a bad text";
  if (!CellsAreGood(file)) return "has a bad cell";
  if (!PlacesAreGood(file)) return "has a bad place";
  if (!TreesAreGood(file)) return "has a bad tree";
  return "";
}

}  // namespace trackwire::geocoding
