#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace trackwire::formats {

/// Takes a JSON document piece by piece and hands out the elements of its member `features` one by
/// one, so that a FeatureCollection of any length needs the memory of one feature.
///
/// Errors: `too_large` (one element, or all that is not in `features`), `bad_json`.
class FeatureSplitter {
 public:
  explicit FeatureSplitter(size_t max_bytes) : max_bytes_(max_bytes) {}

  /// Calls `on_feature(text)` for each element that ends in `bytes`; the text may be no JSON.
  Result<void> Feed(std::string_view bytes,
                    const std::function<void(std::string_view)>& on_feature);
  /// The document without the elements of `features`, checked; `[]` stands for them.
  Result<std::string> Finish();
  /// Lines begun, from 1.
  uint64_t line() const { return line_; }

 private:
  Result<void> Take(char c, const std::function<void(std::string_view)>& on_feature);
  Result<void> TakeInFeatures(char c, const std::function<void(std::string_view)>& on_feature);
  /// Tracks strings and brackets over a byte that is put into `text`.
  Result<void> Put(std::string& text, char c);

  const size_t max_bytes_;
  std::string outside_;
  std::string element_;
  std::string last_string_;  ///< of the top level, raw: it is a key once a colon follows
  std::string key_;
  size_t depth_ = 0;  ///< in the document, or in the element
  bool in_string_ = false;
  bool escaped_ = false;
  bool in_features_ = false;
  bool had_features_ = false;
  bool wants_element_ = false;  ///< after a comma
  uint64_t elements_ = 0;
  uint64_t line_ = 1;
};

}  // namespace trackwire::formats
