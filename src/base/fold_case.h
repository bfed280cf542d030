#pragma once

#include <string>
#include <string_view>

namespace trackwire::base {

/// `text` with its capital letters made small, for comparing names: Latin (with the letters of
/// European languages), Greek, Cyrillic and Armenian; other characters and bytes that are not UTF-8
/// stay. The same on every machine, whatever its locale, so that folded names may be stored.
/// Spec: Unicode simple case folding, of these scripts.
std::string FoldCase(std::string_view text);

/// Characters of `text`, which must be UTF-8.
size_t CountCharacters(std::string_view text);

}  // namespace trackwire::base
