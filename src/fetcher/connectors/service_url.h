#pragma once

#include <string>

namespace trackwire::fetcher {

/// A path of the API of a service that stands at `base`, with or without a slash at its end.
std::string ServiceUrl(const std::string& base, const std::string& path);

/// `text` with each `{external_id}` replaced by `id` as `encode` writes it.
template <typename Encode>
std::string FillIn(std::string text, const std::string& id, Encode encode) {
  static const std::string kPlace = "{external_id}";
  const std::string written = encode(id);
  for (size_t at = text.find(kPlace); at != std::string::npos;
       at = text.find(kPlace, at + written.size())) {
    text.replace(at, kPlace.size(), written);
  }
  return text;
}

}  // namespace trackwire::fetcher
