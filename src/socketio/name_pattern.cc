#include "socketio/name_pattern.h"

#include <re2/re2.h>

namespace trackwire::socketio {

Result<NamePattern> NamePattern::Parse(std::string_view pattern) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(static_cast<int64_t>(kMaxBytes));
  const re2::StringPiece text(pattern.data(), pattern.size());
  auto regex = std::make_shared<const RE2>(text, options);
  if (!regex->ok()) return Err("bad_pattern", regex->error());
  return NamePattern(std::move(regex));
}

bool NamePattern::Matches(std::string_view name) const {
  return RE2::PartialMatch(re2::StringPiece(name.data(), name.size()), *regex_);
}

}  // namespace trackwire::socketio
