#include "auth/jwk_set.h"

#include <array>
#include <optional>

#include "auth/public_key.h"
#include "base/json_scanner.h"
#include "base/text.h"

namespace trackwire::auth {
namespace {

constexpr uint32_t kMaxDepth = 16;
constexpr size_t kMaxNumberText = 2'048;

using KeyResult = Result<std::shared_ptr<const VerificationKey>>;

/// The members of a key that matter.
struct Jwk {
  enum Field { kKty, kKid, kUse, kAlg, kCrv, kX, kY, kN, kE, kK, kFieldCount };
  static constexpr std::array<const char*, kFieldCount> kNames = {"kty", "kid", "use", "alg", "crv",
                                                                  "x",   "y",   "n",   "e",   "k"};
  std::array<std::optional<std::string>, kFieldCount> fields;
  bool verifies = true;  ///< by `key_ops`
  bool has_private_part = false;

  bool Is(Field field, std::string_view text) const { return fields[field] == text; }
};

Unexpected<Error> Broken(const char* why) { return Err("bad_key", why); }

bool ListsVerify(base::JsonValue operations) {
  base::JsonArrayReader items(operations);
  while (auto item = items.Next()) {
    if (item->is_string() && base::DecodeJsonString(item->text) == "verify") return true;
  }
  return false;
}

Result<Jwk> ReadMembers(base::JsonValue object) {
  Jwk key;
  base::JsonObjectReader members(object);
  while (auto member = members.Next()) {
    if (member->KeyIs("d")) key.has_private_part = true;
    if (member->KeyIs("key_ops")) {
      if (!member->value.is_array()) return Broken("key_ops is not a list");
      key.verifies = ListsVerify(member->value);
    }
    for (size_t i = 0; i < Jwk::kFieldCount; ++i) {
      if (!member->KeyIs(Jwk::kNames[i])) continue;
      if (key.fields[i]) return Broken("a member is written twice");
      if (!member->value.is_string()) return Broken("a member is not a text");
      key.fields[i] = base::DecodeJsonString(member->value.text);
    }
  }
  return key;
}

/// A number or a coordinate, as bytes.
std::optional<std::string> BytesOf(const Jwk& key, Jwk::Field field) {
  const auto& text = key.fields[field];
  if (!text || text->empty() || text->size() > kMaxNumberText) return std::nullopt;
  return base::Base64UrlDecode(*text);
}

template <typename T>
KeyResult Widen(Result<std::shared_ptr<const T>> key) {
  if (!key) return Err(key.error());
  return std::shared_ptr<const VerificationKey>(std::move(*key));
}

KeyResult MakeRsa(const Jwk& key, const std::vector<Algorithm>& algorithms) {
  const auto n = BytesOf(key, Jwk::kN);
  const auto e = BytesOf(key, Jwk::kE);
  if (!n || !e) return Broken("n or e is missing or not base64url");
  return Widen(PublicKey::FromRsa(*n, *e, algorithms));
}

KeyResult MakeCurve(const Jwk& key, const std::vector<Algorithm>& algorithms) {
  for (const KeyKind curve : {KeyKind::kP256, KeyKind::kP384, KeyKind::kP521}) {
    if (!key.Is(Jwk::kCrv, ToString(curve))) continue;
    const auto x = BytesOf(key, Jwk::kX);
    const auto y = BytesOf(key, Jwk::kY);
    if (!x || !y) return Broken("x or y is missing or not base64url");
    return Widen(PublicKey::FromCurve(curve, *x, *y, algorithms));
  }
  return Broken("crv is not one of P-256, P-384, P-521");
}

KeyResult MakeEdwards(const Jwk& key, const std::vector<Algorithm>& algorithms) {
  if (!key.Is(Jwk::kCrv, "Ed25519")) return Broken("crv is not Ed25519");
  const auto x = BytesOf(key, Jwk::kX);
  if (!x) return Broken("x is missing or not base64url");
  return Widen(PublicKey::FromEd25519(*x, algorithms));
}

KeyResult MakeSecret(const Jwk& key, const std::vector<Algorithm>& algorithms) {
  auto secret = BytesOf(key, Jwk::kK);
  if (!secret || secret->empty()) return Broken("k is missing or not base64url");
  std::vector<Algorithm> bound = OfKind(algorithms, KeyKind::kSecret);
  if (bound.empty()) return Err("no_algorithm", "none of the accepted algorithms is for a secret");
  return std::shared_ptr<const VerificationKey>(
      std::make_shared<SecretKey>(std::move(*secret), std::move(bound)));
}

Result<std::vector<Algorithm>> AlgorithmsOf(const Jwk& key, const JwkOptions& options) {
  if (!key.fields[Jwk::kAlg]) return options.algorithms;
  const auto own = ParseAlgorithm(*key.fields[Jwk::kAlg]);
  for (const Algorithm accepted : options.algorithms) {
    if (own == accepted) return std::vector<Algorithm>{accepted};
  }
  return Err("no_algorithm", "its alg is not among the accepted algorithms");
}

KeyResult MakeKey(const Jwk& key, const JwkOptions& options) {
  if (key.fields[Jwk::kUse] && !key.Is(Jwk::kUse, "sig")) {
    return Broken("its use is not that of signatures");
  }
  if (!key.verifies) return Broken("its key_ops do not name verify");
  if (key.fields[Jwk::kKid] && key.fields[Jwk::kKid]->size() > kMaxKeyIdBytes) {
    return Broken("its kid is too long");
  }
  auto algorithms = AlgorithmsOf(key, options);
  if (!algorithms) return Err(algorithms.error());
  if (key.Is(Jwk::kKty, "oct")) {
    if (options.secrets) return MakeSecret(key, *algorithms);
    return Broken("it is a secret that everybody can read");
  }
  // Its owner gave it away; whoever reads the set can sign with it.
  if (key.has_private_part) return Broken("it holds a private key");
  if (key.Is(Jwk::kKty, "RSA")) return MakeRsa(key, *algorithms);
  if (key.Is(Jwk::kKty, "EC")) return MakeCurve(key, *algorithms);
  if (key.Is(Jwk::kKty, "OKP")) return MakeEdwards(key, *algorithms);
  return Broken("kty is not one of RSA, EC, OKP");
}

Unexpected<Error> BadSet(std::string why) { return Err("bad_key_set", std::move(why)); }

/// The array `keys`, which must stand there once.
Result<base::JsonValue> KeysOf(base::JsonValue set) {
  std::optional<base::JsonValue> keys;
  base::JsonObjectReader members(set);
  while (auto member = members.Next()) {
    if (!member->KeyIs("keys")) continue;
    if (keys) return BadSet("the member keys is written twice");
    keys = member->value;
  }
  if (!keys || !keys->is_array()) return BadSet("there is no list of keys in it");
  return *keys;
}

}  // namespace

Result<std::shared_ptr<const JwkSet>> JwkSet::Parse(std::string_view json,
                                                    const JwkOptions& options) {
  if (json.size() > kMaxJwkSetBytes) return BadSet("it is too long");
  const auto value = base::ScanJson(json, kMaxDepth);
  if (!value || !value->is_object()) return BadSet("it is not a JSON object");
  auto list = KeysOf(*value);
  if (!list) return Err(list.error());
  auto set = std::make_shared<JwkSet>();
  base::JsonArrayReader items(*list);
  for (size_t count = 0; auto item = items.Next(); ++count) {
    if (count == kMaxJwkSetKeys) return BadSet("it holds too many keys");
    auto members = item->is_object() ? ReadMembers(*item) : Result<Jwk>(Broken("not an object"));
    auto key = members ? MakeKey(*members, options) : KeyResult(Err(members.error()));
    if (key) {
      set->keys_.push_back({members->fields[Jwk::kKid].value_or(""), std::move(*key)});
      continue;
    }
    if (set->left_out_++ == 0) set->left_out_because_ = key.error().detail;
  }
  if (set->keys_.empty()) {
    return BadSet("it holds no key of use" +
                  (set->left_out_ == 0 ? "" : "; the first: " + set->left_out_because_));
  }
  return std::shared_ptr<const JwkSet>(std::move(set));
}

void JwkSet::Find(Algorithm algorithm, std::string_view key_id, Candidates& out) const {
  for (const Named& named : keys_) {
    const bool meant = key_id.empty() || named.id == key_id;
    if (meant && named.key->Allows(algorithm) && !out.Add(named.key)) return;
  }
}

bool JwkSet::Has(std::string_view key_id) const {
  for (const Named& named : keys_) {
    if (named.id == key_id) return true;
  }
  return false;
}

}  // namespace trackwire::auth
