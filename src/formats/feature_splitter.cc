#include "formats/feature_splitter.h"

#include <utility>

#include "base/json_scanner.h"

namespace trackwire::formats {
namespace {

constexpr size_t kMaxKeyBytes = 64;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

Result<void> FeatureSplitter::Put(std::string& text, char c) {
  if (text.size() >= max_bytes_) return Err("too_large", "a feature is too large");
  text += c;
  if (in_string_) {
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == '"') {
      in_string_ = false;
    }
    return Ok();
  }
  if (c == '"') in_string_ = true;
  if (c == '{' || c == '[') ++depth_;
  if ((c == '}' || c == ']') && depth_ > 0) --depth_;
  return Ok();
}

Result<void> FeatureSplitter::TakeInFeatures(
    char c, const std::function<void(std::string_view)>& on_feature) {
  const bool between = depth_ == 0 && !in_string_;
  if (between && element_.empty() && IsSpace(c)) return Ok();
  if (!between || (c != ',' && c != ']')) return Put(element_, c);
  if (element_.empty() && (c == ',' || wants_element_)) {
    return Err("bad_json", "a feature is missing between commas");
  }
  if (!element_.empty()) {
    ++elements_;
    on_feature(element_);
    element_.clear();
  }
  wants_element_ = c == ',';
  if (c == ']') {
    in_features_ = false;
    depth_ = 1;
    outside_ += "]";
  }
  return Ok();
}

Result<void> FeatureSplitter::Take(char c,
                                   const std::function<void(std::string_view)>& on_feature) {
  if (c == '\n') ++line_;
  if (in_features_) return TakeInFeatures(c, on_feature);
  const bool top = depth_ == 1;
  const bool opens_string = !in_string_ && c == '"';
  if (auto done = Put(outside_, c); !done) return done;
  if (!top) return Ok();
  if (opens_string) last_string_.clear();
  if (in_string_ || opens_string || c == '"') {
    if (last_string_.size() < kMaxKeyBytes) last_string_ += c;
    return Ok();
  }
  if (c == ':') key_ = std::exchange(last_string_, "");
  if (c == ',') key_.clear();
  if (c == '[' && key_ == "\"features\"" && outside_.find('{') < outside_.find('[')) {
    if (had_features_) return Err("bad_json", "there are features twice");
    in_features_ = had_features_ = true;
    depth_ = 0;
  }
  return Ok();
}

Result<void> FeatureSplitter::Feed(std::string_view bytes,
                                   const std::function<void(std::string_view)>& on_feature) {
  for (const char c : bytes) {
    if (auto done = Take(c, on_feature); !done) return done;
  }
  return Ok();
}

Result<std::string> FeatureSplitter::Finish() {
  const std::string_view mark = "\xef\xbb\xbf";
  std::string_view text = outside_;
  if (text.starts_with(mark)) text.remove_prefix(mark.size());
  if (auto scanned = base::ScanJson(text); !scanned) {
    return Err("bad_json",
               std::string("the document is not JSON: ") + base::ToString(scanned.error()));
  }
  return std::string(text);
}

}  // namespace trackwire::formats
