#include "auth/rate_limits.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cctype>
#include <vector>

#include "auth/event_meter.h"
#include "auth/ip_address.h"
#include "base/check.h"
#include "base/text.h"
#include "broker/bucket_table.h"

namespace trackwire::auth {
namespace {

constexpr size_t kMaxBucketsAlone = 100'000;
constexpr size_t kHashBytes = 18;

std::string Hashed(std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  CHECK(EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr) == 1);
  return base::Base64UrlEncode({reinterpret_cast<const char*>(digest), kHashBytes});
}

/// Stores compare names without case, so a bucket of its own for each spelling would be a way
/// around.
std::string LowerCase(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

std::string SiteOf(std::string_view address) {
  const auto parsed = IpAddress::Parse(address);
  return parsed ? parsed->Site() : Hashed(address);
}

const std::string& WhoseOf(const Caller& caller, LimitScope scope) {
  switch (scope) {
    case LimitScope::kSession: return caller.session;
    case LimitScope::kUser: return caller.user;
    case LimitScope::kAddress: return caller.address;
  }
  return caller.address;
}

constexpr LimitScope kScopes[] = {LimitScope::kSession, LimitScope::kUser, LimitScope::kAddress};

}  // namespace

const char* ToString(LimitKind kind) {
  switch (kind) {
    case LimitKind::kConnection: return "connection";
    case LimitKind::kEvent: return "event";
    case LimitKind::kGeocoding: return "geocoding";
    case LimitKind::kGraphql: return "graphql";
    case LimitKind::kLogin: return "login";
    case LimitKind::kApi: return "api";
  }
  return "";
}

const char* ToString(LimitScope scope) {
  switch (scope) {
    case LimitScope::kSession: return "session";
    case LimitScope::kUser: return "user";
    case LimitScope::kAddress: return "address";
  }
  return "";
}

LimitRules::LimitRules() {
  Of(LimitKind::kConnection, LimitScope::kUser) = {20, 500};
  Of(LimitKind::kConnection, LimitScope::kAddress) = {50, 2'000};
  Of(LimitKind::kEvent, LimitScope::kSession) = {20, 100};
  Of(LimitKind::kEvent, LimitScope::kUser) = {100, 1'000};
  Of(LimitKind::kEvent, LimitScope::kAddress) = {500, 5'000};
  Of(LimitKind::kGeocoding, LimitScope::kSession) = {2, 20};
  Of(LimitKind::kGeocoding, LimitScope::kUser) = {5, 50};
  Of(LimitKind::kGeocoding, LimitScope::kAddress) = {20, 200};
  Of(LimitKind::kGraphql, LimitScope::kUser) = {20, 200};
  Of(LimitKind::kGraphql, LimitScope::kAddress) = {100, 1'000};
  Of(LimitKind::kLogin, LimitScope::kUser) = {0.1, 10};
  Of(LimitKind::kLogin, LimitScope::kAddress) = {1, 60};
  Of(LimitKind::kApi, LimitScope::kUser) = {50, 500};
  Of(LimitKind::kApi, LimitScope::kAddress) = {200, 5'000};
}

bool LimitRules::Applies(LimitKind kind, LimitScope scope) {
  return scope != LimitScope::kSession || kind == LimitKind::kEvent ||
         kind == LimitKind::kGeocoding;
}

std::string BucketKey(LimitKind kind, LimitScope scope, std::string_view whose) {
  std::string key = std::string(ToString(kind)) + ":" + ToString(scope) + ":";
  return key + (scope == LimitScope::kAddress ? SiteOf(whose) : Hashed(whose));
}

int64_t RetrySeconds(std::chrono::milliseconds retry_after) {
  return std::max<int64_t>(1, std::chrono::ceil<std::chrono::seconds>(retry_after).count());
}

RateLimits::RateLimits(broker::RateLimiter& limiter, const Clock& clock, LimitRules rules)
    : limiter_(limiter),
      rules_(std::move(rules)),
      alone_(std::make_unique<broker::BucketTable>(clock, kMaxBucketsAlone)),
      shared_(std::make_shared<SharedMeters>(limiter, clock)) {}
RateLimits::~RateLimits() = default;

bool RateLimits::Limits(LimitKind kind, std::string_view address) const {
  const bool free_at_home = kind == LimitKind::kConnection || kind == LimitKind::kEvent ||
                            kind == LimitKind::kApi;
  return rules_.loopback || !free_at_home || !IsLoopback(address);
}

std::vector<broker::BucketCharge> RateLimits::ChargesFor(LimitKind kind,
                                                         const Caller& caller) const {
  std::vector<broker::BucketCharge> charges;
  if (!Limits(kind, caller.address)) return charges;
  const bool no_address =
      !rules_.loopback && kind != LimitKind::kLogin && IsLoopback(caller.address);
  for (const LimitScope scope : kScopes) {
    const std::string& whose = WhoseOf(caller, scope);
    const broker::BucketRule& rule = rules_.Of(kind, scope);
    if (whose.empty() || !(rule.per_second > 0) || !LimitRules::Applies(kind, scope)) continue;
    if (scope == LimitScope::kAddress && no_address) continue;
    const bool name = kind == LimitKind::kLogin && scope == LimitScope::kUser;
    charges.push_back({BucketKey(kind, scope, name ? LowerCase(whose) : whose), rule});
  }
  return charges;
}

broker::Verdict RateLimits::Count(LimitKind kind, Verdict verdict) {
  auto& counters = verdict.allowed ? counters_.allowed : counters_.refused;
  counters[static_cast<size_t>(kind)].fetch_add(1, std::memory_order_relaxed);
  return verdict;
}

void RateLimits::Check(LimitKind kind, const Caller& caller, Done done) {
  auto charges = ChargesFor(kind, caller);
  if (charges.empty()) return done(Count(kind, {}));
  limiter_.TakeAll(std::move(charges), [this, kind, answer = std::move(done)](Verdict verdict) {
    answer(Count(kind, verdict));
  });
}

void RateLimits::GiveBack(LimitKind kind, const std::string& user) {
  Caller caller;
  caller.user = user;
  auto charges = ChargesFor(kind, caller);
  for (broker::BucketCharge& charge : charges) charge.cost = -charge.cost;
  if (!charges.empty()) limiter_.TakeAll(std::move(charges), [](Verdict) {});
}

std::optional<broker::Verdict> RateLimits::TakeAlone(LimitKind kind, std::string_view address) {
  const broker::BucketRule& rule = rules_.Of(kind, LimitScope::kAddress);
  if (!(rule.per_second > 0) || address.empty() || !Limits(kind, address)) return std::nullopt;
  return alone_->TakeAll({{BucketKey(kind, LimitScope::kAddress, address), rule}});
}

broker::Verdict RateLimits::CheckHandshake(std::string_view address) {
  const auto verdict = TakeAlone(LimitKind::kConnection, address);
  // Who is allowed is counted with the CONNECT that follows.
  if (!verdict || verdict->allowed) return {};
  return Count(LimitKind::kConnection, *verdict);
}

broker::Verdict RateLimits::CheckRefused(std::string_view address) {
  const auto verdict = TakeAlone(LimitKind::kApi, address);
  return verdict ? Count(LimitKind::kApi, *verdict) : Verdict{};
}

std::unique_ptr<EventMeter> RateLimits::MeterFor(const Caller& caller) {
  if (!Limits(LimitKind::kEvent, caller.address)) return nullptr;
  return std::make_unique<EventMeter>(rules_, counters_, caller.user,
                                      SharedMeterOf(LimitScope::kUser, caller.user),
                                      SharedMeterOf(LimitScope::kAddress, caller.address));
}

void RateLimits::Rename(EventMeter& meter, const std::string& user) {
  meter.SetUser(user, SharedMeterOf(LimitScope::kUser, user));
}

std::shared_ptr<SharedMeter> RateLimits::SharedMeterOf(LimitScope scope,
                                                       const std::string& whose) {
  const broker::BucketRule& rule = rules_.Of(LimitKind::kEvent, scope);
  if (whose.empty() || !(rule.per_second > 0)) return nullptr;
  return shared_->Find(BucketKey(LimitKind::kEvent, scope, whose), rule);
}

}  // namespace trackwire::auth
