#include "auth/password.h"

#include <argon2.h>
#include <openssl/crypto.h>

#include <charconv>

#include "base/check.h"
#include "base/fold_case.h"
#include "base/text.h"

namespace trackwire::auth {
namespace {

constexpr size_t kSaltBytes = 16;
constexpr size_t kHashBytes = 32;

constexpr uint32_t kMaxMemoryKib = 256 * 1'024;
constexpr uint32_t kMaxPasses = 16;
constexpr uint32_t kMaxLanes = 16;
constexpr uint32_t kBlocksPerLane = 8;
constexpr size_t kMaxPhcBytes = 512;

/// A PHC string taken apart. Spec: "PHC string format", as Argon2 writes it.
struct Phc {
  uint32_t memory_kib = 0;
  uint32_t passes = 0;
  uint32_t lanes = 0;
  std::string salt;
  std::string hash;
};

bool Take(std::string_view& text, std::string_view wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(wanted.size());
  return true;
}

bool TakeNumber(std::string_view& text, uint32_t min, uint32_t max, uint32_t& out) {
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, out);
  if (error != std::errc() || text.front() == '0') return false;
  text.remove_prefix(static_cast<size_t>(rest - text.data()));
  return out >= min && out <= max;
}

/// Base64 without the padding that PHC strings leave out.
std::optional<std::string> Unpadded(std::string_view text) {
  if (text.find('=') != std::string_view::npos) return std::nullopt;
  std::string padded(text);
  while (padded.size() % 4 != 0) padded += '=';
  return base::Base64Decode(padded);
}

std::string WithoutPadding(std::string base64) {
  while (!base64.empty() && base64.back() == '=') base64.pop_back();
  return base64;
}

std::optional<Phc> Parse(std::string_view text) {
  Phc phc;
  if (text.size() > kMaxPhcBytes || !Take(text, "$argon2id$v=19$m=")) return std::nullopt;
  const bool numbers = TakeNumber(text, kBlocksPerLane, kMaxMemoryKib, phc.memory_kib) &&
                       Take(text, ",t=") && TakeNumber(text, 1, kMaxPasses, phc.passes) &&
                       Take(text, ",p=") && TakeNumber(text, 1, kMaxLanes, phc.lanes) &&
                       Take(text, "$");
  if (!numbers || phc.memory_kib < kBlocksPerLane * phc.lanes) return std::nullopt;
  const size_t dollar = text.find('$');
  if (dollar == std::string_view::npos) return std::nullopt;
  auto salt = Unpadded(text.substr(0, dollar));
  auto hash = Unpadded(text.substr(dollar + 1));
  if (!salt || !hash) return std::nullopt;
  if (salt->size() < 8 || salt->size() > 64 || hash->size() < 16 || hash->size() > 64) {
    return std::nullopt;
  }
  phc.salt = std::move(*salt);
  phc.hash = std::move(*hash);
  return phc;
}

std::string ToString(const Phc& phc) {
  return "$argon2id$v=19$m=" + std::to_string(phc.memory_kib) +
         ",t=" + std::to_string(phc.passes) + ",p=" + std::to_string(phc.lanes) + "$" +
         WithoutPadding(base::Base64Encode(phc.salt)) + "$" +
         WithoutPadding(base::Base64Encode(phc.hash));
}

uint8_t* Bytes(std::string& text) { return reinterpret_cast<uint8_t*>(text.data()); }

/// The hash that `phc` would have if it were of `password`; its own says only how long.
Result<std::string> Compute(std::string_view password, const Phc& phc) {
  std::string out(phc.hash.size(), '\0');
  std::string salt = phc.salt;
  std::string secret(password);
  argon2_context context{};
  context.out = Bytes(out);
  context.outlen = static_cast<uint32_t>(out.size());
  context.pwd = Bytes(secret);
  context.pwdlen = static_cast<uint32_t>(secret.size());
  context.salt = Bytes(salt);
  context.saltlen = static_cast<uint32_t>(salt.size());
  context.t_cost = phc.passes;
  context.m_cost = phc.memory_kib;
  context.lanes = phc.lanes;
  context.threads = 1;  // the pool of workers alone says how many threads work
  context.version = ARGON2_VERSION_13;
  const int code = argon2_ctx(&context, Argon2_id);
  Wipe(secret);
  if (code == ARGON2_MEMORY_ALLOCATION_ERROR) {
    return Err("no_memory", "there is no memory to check a password in");
  }
  CHECK(code == ARGON2_OK);
  return out;
}

Phc Fresh(const PasswordCost& cost) {
  return {cost.memory_kib, cost.passes, 1, base::RandomBytes(kSaltBytes),
          base::RandomBytes(kHashBytes)};
}

}  // namespace

Result<std::string> HashPassword(std::string_view password, const PasswordCost& cost) {
  Phc phc = Fresh(cost);
  auto hash = Compute(password, phc);
  if (!hash) return hash;
  phc.hash = std::move(*hash);
  return ToString(phc);
}

Result<bool> VerifyPassword(std::string_view password, const std::string& hash) {
  const auto phc = Parse(hash);
  if (!phc) return Err("bad_hash", "the stored hash is none of Argon2id, or asks for too much");
  auto computed = Compute(password, *phc);
  if (!computed) return Err(std::move(computed.error()));
  return CRYPTO_memcmp(computed->data(), phc->hash.data(), phc->hash.size()) == 0;
}

std::optional<PasswordCost> CostOf(const std::string& hash) {
  const auto phc = Parse(hash);
  if (!phc) return std::nullopt;
  return PasswordCost{phc->memory_kib, phc->passes};
}

bool NeedsRehash(const std::string& hash, const PasswordCost& cost) {
  const auto phc = Parse(hash);
  return !phc || phc->memory_kib != cost.memory_kib || phc->passes != cost.passes ||
         phc->lanes != 1 || phc->salt.size() < kSaltBytes || phc->hash.size() != kHashBytes;
}

std::string DecoyHash(const PasswordCost& cost) { return ToString(Fresh(cost)); }

std::optional<std::string> RefusePassword(std::string_view password) {
  if (password.size() > kMaxPasswordBytes) {
    return "a password has at most " + std::to_string(kMaxPasswordBytes) + " bytes";
  }
  if (!base::IsUtf8(password)) return "a password is text in UTF-8";
  if (base::CountCharacters(password) < kMinPasswordCharacters) {
    return "a password has at least " + std::to_string(kMinPasswordCharacters) + " characters";
  }
  return std::nullopt;
}

std::string MakePassword() {
  // Without letters that are taken for digits or for each other.
  constexpr std::string_view kAlphabet = "23456789abcdefghijkmnpqrstuvwxyz";
  static_assert(kAlphabet.size() == 32, "five bits a letter");
  constexpr size_t kLetters = 24;
  constexpr size_t kGroup = 6;
  std::string random = base::RandomBytes(kLetters);
  std::string out;
  for (size_t i = 0; i < kLetters; ++i) {
    if (i > 0 && i % kGroup == 0) out += '-';
    out += kAlphabet[static_cast<unsigned char>(random[i]) % kAlphabet.size()];
  }
  Wipe(random);
  return out;
}

void Wipe(std::string& secret) {
  OPENSSL_cleanse(secret.data(), secret.size());
  secret.clear();
}

}  // namespace trackwire::auth
