#include "ingest/token_desk.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "base/text.h"
#include "net/timer_wheel.h"
#include "store/store_url.h"

namespace trackwire::ingest {
namespace {

constexpr std::chrono::milliseconds kSoon{20};
constexpr std::chrono::milliseconds kAfterFailure{1'000};
constexpr size_t kTokenBytes = 24;
/// Who sends more sends no token of ours.
constexpr size_t kMaxTokenBytes = 256;

std::string Sha256(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  CHECK(EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1);
  return std::string(digest.begin(), digest.begin() + size);
}

}  // namespace

std::string TokenDigest(std::string_view token) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string hex;
  for (const char c : Sha256(token)) {
    const auto byte = static_cast<unsigned char>(c);
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

Result<std::unique_ptr<TokenDesk>> TokenDesk::Open(const std::string& url, const Clock& clock) {
  auto store = store::OpenIngestTokens(url);
  if (!store) return Err(store.error().code, store::DescribeUrl(url) + ": " + store.error().detail);
  std::unique_ptr<TokenDesk> desk(new TokenDesk(std::move(*store), clock));
  if (auto loaded = desk->Load(); !loaded) return Err(std::move(loaded.error()));
  desk->loop_.Start();
  return desk;
}

TokenDesk::TokenDesk(std::unique_ptr<store::IngestTokenStore> store, const Clock& clock)
    : store_(std::move(store)),
      clock_(clock),
      timer_([](void* self) { static_cast<TokenDesk*>(self)->OnTimer(); }, this) {}

TokenDesk::~TokenDesk() { Stop(); }

void TokenDesk::Stop() {
  loop_.Post([this] { timer_.Cancel(); });
  loop_.Stop();
}

std::shared_ptr<const TokenDesk::Book> TokenDesk::book() const {
  const std::lock_guard lock(mutex_);
  return book_;
}

std::optional<tracking::Id> TokenDesk::Find(std::string_view token) const {
  if (token.empty() || token.size() > kMaxTokenBytes) return std::nullopt;
  // Nobody can choose a digest, so the way to its bucket tells nothing of those that are there.
  const TokenDesk::Digest digest = TokenDigest(token);
  const auto held = book();
  const auto found = held->find(digest);
  if (found == held->end()) return std::nullopt;
  if (CRYPTO_memcmp(found->first.data(), digest.data(), digest.size()) != 0) return std::nullopt;
  return found->second;
}

Result<void> TokenDesk::Load() {
  auto tokens = store_->All();
  if (!tokens) return Err(std::move(tokens.error()));
  auto book = std::make_shared<Book>();
  for (store::IngestToken& token : *tokens) {
    book->emplace(std::move(token.digest), std::move(token.tracker));
  }
  const std::lock_guard lock(mutex_);
  book_ = std::move(book);
  return Ok();
}

void TokenDesk::OnTimer() {
  auto loaded = Load();
  if (loaded) return;
  base::LogError("ingest", "tokens cannot be read from the store, trying again",
                 {{"code", loaded.error().code}, {"detail", loaded.error().detail}});
  timer_.Start(loop_.timers(), kAfterFailure);
}

void TokenDesk::Reload() {
  loop_.Post([this] {
    if (!timer_.armed()) timer_.Start(loop_.timers(), kSoon);
  });
}

void TokenDesk::Issue(tracking::Id tracker, Done<std::string> done) {
  loop_.Post([this, tracker = std::move(tracker), done = std::move(done)] {
    done(IssueNow(tracker));
  });
}

Result<std::string> TokenDesk::IssueNow(const tracking::Id& tracker) {
  if (auto loaded = Load(); !loaded) return Err(std::move(loaded.error()));
  const auto held = book();
  const auto count = std::count_if(held->begin(), held->end(),
                                   [&](const auto& entry) { return entry.second == tracker; });
  if (static_cast<size_t>(count) >= kMaxOfTracker) {
    return Err("invalid", "the tracker has " + std::to_string(count) + " tokens already");
  }
  std::string token = "twi_" + base::Base64UrlEncode(base::RandomBytes(kTokenBytes));
  auto added = store_->Add({TokenDigest(token), tracker, clock_.WallNow()});
  if (!added) return Err(std::move(added.error()));
  OnTimer();
  return token;
}

void TokenDesk::Revoke(tracking::Id tracker, Done<size_t> done) {
  loop_.Post([this, tracker = std::move(tracker), done = std::move(done)] {
    auto removed = store_->RemoveOf(tracker);
    if (removed) OnTimer();
    done(std::move(removed));
  });
}

}  // namespace trackwire::ingest
