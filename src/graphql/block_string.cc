#include <algorithm>
#include <vector>

#include "graphql/lexer.h"

namespace trackwire::graphql {
namespace {

std::vector<std::string_view> Lines(std::string_view raw) {
  std::vector<std::string_view> lines;
  while (true) {
    const size_t end = raw.find_first_of("\r\n");
    lines.push_back(raw.substr(0, end));
    if (end == std::string_view::npos) return lines;
    const bool pair = raw.substr(end, 2) == "\r\n";
    raw.remove_prefix(end + (pair ? 2 : 1));
  }
}

size_t Indent(std::string_view line) {
  return std::min(line.find_first_not_of(" \t"), line.size());
}

bool Blank(std::string_view line) { return Indent(line) == line.size(); }

}  // namespace

std::string BlockStringValue(std::string_view raw) {
  std::vector<std::string_view> lines = Lines(raw);
  size_t common = std::string_view::npos;
  for (size_t i = 1; i < lines.size(); ++i) {
    if (!Blank(lines[i])) common = std::min(common, Indent(lines[i]));
  }
  for (size_t i = 1; i < lines.size() && common != std::string_view::npos; ++i) {
    lines[i].remove_prefix(std::min(common, lines[i].size()));
  }
  size_t first = 0;
  while (first < lines.size() && Blank(lines[first])) ++first;
  while (lines.size() > first && Blank(lines.back())) lines.pop_back();
  std::string out;
  for (size_t i = first; i < lines.size(); ++i) {
    if (i > first) out += '\n';
    out += lines[i];
  }
  return out;
}

}  // namespace trackwire::graphql
