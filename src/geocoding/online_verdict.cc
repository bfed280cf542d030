#include "geocoding/online_verdict.h"

#include <algorithm>

#include "base/text.h"
#include "geocoding/nominatim.h"
#include "geocoding/online_answer.h"
#include "geocoding/photon.h"
#include "outbound/url.h"

namespace trackwire::geocoding {
namespace {

using std::chrono::milliseconds;

constexpr double kCityDistanceM = 25'000;
constexpr size_t kMaxReasonBytes = 160;
constexpr size_t kMinSecretBytes = 4;

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower;
}

/// Whether a sentence of the server repeats what only the operator may know: the address of mail,
/// or a key out of the URL's query or user info; as it is, or as it stood in the request.
bool RepeatsSecret(const OnlineOptions& options, std::string_view sentence) {
  const std::string lower = Lower(sentence);
  const auto holds = [&](std::string_view secret) {
    return secret.size() >= kMinSecretBytes && lower.find(Lower(secret)) != std::string::npos;
  };
  const auto repeats = [&](std::string_view secret) {
    const std::string plain = base::PercentDecode(secret, false).value_or(std::string(secret));
    return holds(secret) || holds(plain) || holds(outbound::PercentEncode(plain));
  };
  if (repeats(options.email)) return true;
  std::string_view rest = options.url;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find_first_of("/?&=:@#"), rest.size());
    if (repeats(rest.substr(0, end))) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

/// What a server says is wrong with a request, as far as it may be logged: the digits of the place
/// that was asked for are hidden.
std::string ReasonOf(const OnlineOptions& options, std::string_view body) {
  const auto scanned = ScanAnswer(body);
  if (!scanned) return {};
  std::string reason = FirstText(*scanned, {"message", "error"});
  const auto error = base::FindMember(*scanned, "error");
  if (reason.empty() && error && error->is_object()) reason = FirstText(*error, {"message"});
  if (RepeatsSecret(options, reason)) return {};
  std::replace_if(
      reason.begin(), reason.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  std::replace_if(
      reason.begin(), reason.end(), [](char c) { return c >= '0' && c <= '9'; }, '#');
  reason.resize(std::min(reason.size(), kMaxReasonBytes));
  return reason.empty() ? reason : ": " + reason;
}

Result<Address, AnswerError> Read(const OnlineOptions& options, const Place& place,
                                  const std::string& body) {
  const double most = FarthestM(options);
  return options.kind == OnlineKind::kPhoton ? ReadPhoton(body, place, most)
                                             : ReadNominatim(body, place, most);
}

OnlineVerdict VerdictOf(Result<Address, AnswerError> read) {
  OnlineVerdict verdict;
  if (read) {
    verdict.outcome = Outcome::kFound;
    verdict.address = std::move(*read);
    return verdict;
  }
  switch (read.error().fault) {
    case AnswerFault::kNotFound: verdict.outcome = Outcome::kNotFound; break;
    case AnswerFault::kCut: verdict.outcome = Outcome::kMayPass; break;
    case AnswerFault::kBad: verdict.outcome = Outcome::kBroken; break;
  }
  const bool found_nothing = verdict.outcome == Outcome::kNotFound;
  verdict.detail = (found_nothing ? "" : "its answer cannot be read: ") + read.error().detail;
  return verdict;
}

/// Servers that speak Nominatim's language, but say 404 where nothing is.
bool SaysNothingThere(const OnlineOptions& options, const Place& place, const std::string& body) {
  if (options.kind != OnlineKind::kNominatim) return false;
  const auto read = Read(options, place, body);
  return !read && read.error().fault == AnswerFault::kNotFound;
}

Outcome OutcomeOf(const OnlineOptions& options, const Place& place,
                  const outbound::HttpAnswer& answer) {
  if (answer.status == 429) return Outcome::kSlowDown;
  if (answer.status == 403) return Outcome::kBanned;
  if (answer.status == 408 || answer.status >= 500) return Outcome::kMayPass;
  if (answer.status == 404 && SaysNothingThere(options, place, answer.body)) {
    return Outcome::kNotFound;
  }
  if (answer.status != 400) return Outcome::kBroken;
  const bool language = options.kind == OnlineKind::kPhoton && IsPhotonLanguageError(answer.body);
  return language ? Outcome::kBadLanguage : Outcome::kRefused;
}

}  // namespace

double FarthestM(const OnlineOptions& options) {
  if (options.detail != Detail::kCity) return options.max_distance_m;
  return std::max(options.max_distance_m, kCityDistanceM);
}

std::string LanguageFor(OnlineKind kind, const Place& place) {
  return kind == OnlineKind::kPhoton ? PhotonLanguage(place.language) : place.language;
}

outbound::HttpRequest OnlineRequest(const OnlineOptions& options, const Place& place,
                                    std::string_view language) {
  outbound::HttpRequest request;
  request.url =
      options.kind == OnlineKind::kPhoton
          ? PhotonUrl(options.url, place, options.detail, FarthestM(options), language)
          : NominatimUrl(options.url, place, options.detail, options.email);
  request.headers = {{"Accept", "application/json"}};
  request.timeout = options.timeout;
  request.max_bytes = kMaxAnswerBytes;
  request.allow_private = options.allow_private;
  return request;
}

OnlineVerdict Judge(const OnlineOptions& options, const Place& place,
                    const Result<outbound::HttpAnswer>& answer) {
  OnlineVerdict verdict;
  if (!answer) {
    const std::string& code = answer.error().code;
    const bool may_pass = code == "timeout" || code == "unreachable";
    verdict.outcome = may_pass ? Outcome::kMayPass : Outcome::kBroken;
    verdict.detail = code + ": " + answer.error().detail;
    return verdict;
  }
  if (answer->status >= 200 && answer->status < 300) {
    return VerdictOf(Read(options, place, answer->body));
  }
  verdict.outcome = OutcomeOf(options, place, *answer);
  if (verdict.outcome == Outcome::kNotFound) {
    verdict.detail = "nothing is there";
    return verdict;
  }
  verdict.detail = "it answered " + std::to_string(answer->status);
  if (answer->status >= 300 && answer->status < 400) verdict.detail += ", which is not followed";
  verdict.detail += ReasonOf(options, answer->body);
  if (answer->retry_after) verdict.retry_after = *answer->retry_after;
  return verdict;
}

}  // namespace trackwire::geocoding
