#include "graphql/problem.h"

namespace trackwire::graphql {

Place PlaceOf(std::string_view text, uint32_t offset) {
  Place place;
  for (size_t i = 0; i < text.size() && i < offset; ++i) {
    const char c = text[i];
    const bool first_of_two = c == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
    if (first_of_two) continue;
    if (c == '\n' || c == '\r') {
      ++place.line;
      place.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      ++place.column;
    }
  }
  return place;
}

}  // namespace trackwire::graphql
