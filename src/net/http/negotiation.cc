#include "net/http/negotiation.h"

#include <optional>
#include <string>

#include "base/text.h"

namespace trackwire::net::http {
namespace {

using base::EqualsIgnoreCase;
using base::Trim;

/// Takes the next item of a list off its front.
std::string_view TakeItem(std::string_view& list, char separator) {
  const size_t end = list.find(separator);
  const std::string_view item = Trim(list.substr(0, end));
  list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
  return item;
}

/// Calls `use(item)` for every item of the lists in the fields of a name.
template <typename Use>
void ForEachItem(const Headers& headers, std::string_view name, Use use) {
  for (const auto& [field, value] : headers.all()) {
    if (!EqualsIgnoreCase(field, name)) continue;
    for (std::string_view list = value; !list.empty();) use(TakeItem(list, ','));
  }
}

/// `0.5` in thousandths; 0 for what is no weight. Spec: RFC 9110 section 12.4.2.
int ParseWeight(std::string_view text) {
  constexpr size_t kLongest = 5;
  if (text.empty() || text.size() > kLongest || (text[0] != '0' && text[0] != '1')) return 0;
  int weight = (text[0] - '0') * 1000;
  if (text.size() > 1 && text[1] != '.') return 0;
  int unit = 100;
  for (const char digit : text.substr(std::min<size_t>(2, text.size()))) {
    if (digit < '0' || digit > '9') return 0;
    weight += (digit - '0') * unit;
    unit /= 10;
  }
  return weight <= 1000 ? weight : 0;
}

/// The weight behind the name in an item such as `gzip;q=0.5`.
int WeightOf(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view parameter = TakeItem(parameters, ';');
    if (parameter.size() < 2 || (parameter[0] != 'q' && parameter[0] != 'Q')) continue;
    if (parameter[1] == '=') return ParseWeight(parameter.substr(2));
  }
  return 1000;
}

/// What a client thinks of each coding; nothing of one that it does not name.
struct Weights {
  explicit Weights(const Headers& request) {
    ForEachItem(request, "Accept-Encoding", [this](std::string_view item) {
      const std::string_view name = TakeItem(item, ';');
      const int weight = WeightOf(item);
      if (EqualsIgnoreCase(name, "gzip") || EqualsIgnoreCase(name, "x-gzip")) gzip = weight;
      if (EqualsIgnoreCase(name, "deflate")) deflate = weight;
      if (EqualsIgnoreCase(name, "identity")) identity = weight;
      if (name == "*") others = weight;
    });
  }
  int Of(Coding coding) const {
    const auto& named = coding == Coding::kGzip ? gzip : deflate;
    return named.value_or(others.value_or(0));
  }

  std::optional<int> gzip;
  std::optional<int> deflate;
  std::optional<int> identity;
  std::optional<int> others;
};

std::string_view WithoutWeakness(std::string_view etag) {
  return etag.starts_with("W/") ? etag.substr(2) : etag;
}

}  // namespace

std::string_view ToString(Coding coding) {
  switch (coding) {
    case Coding::kGzip:
      return "gzip";
    case Coding::kDeflate:
      return "deflate";
    case Coding::kIdentity:
      break;
  }
  return "identity";
}

Coding ChooseCoding(const Headers& request, std::initializer_list<Coding> offered) {
  const Weights weights(request);
  Coding best = Coding::kIdentity;
  // One that weighs as much as `identity` is taken: it is why it was named.
  int best_weight = std::max(0, weights.identity.value_or(0) - 1);
  for (const Coding coding : offered) {
    if (weights.Of(coding) <= best_weight) continue;
    best = coding;
    best_weight = weights.Of(coding);
  }
  return best;
}

void AddVary(Headers& response, std::string_view name) {
  std::string all;
  bool there = false;
  ForEachItem(response, "Vary", [&](std::string_view item) {
    if (item == "*" || EqualsIgnoreCase(item, name)) there = true;
    all.append(all.empty() ? "" : ", ").append(item);
  });
  if (there) return;
  all.append(all.empty() ? "" : ", ").append(name);
  response.Set("Vary", std::move(all));
}

bool MatchesEtag(const Headers& request, std::string_view etag) {
  bool found = false;
  ForEachItem(request, "If-None-Match", [&](std::string_view item) {
    found = found || item == "*" || WithoutWeakness(item) == WithoutWeakness(etag);
  });
  return found;
}

}  // namespace trackwire::net::http
