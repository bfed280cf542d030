#include "auth/algorithm.h"

#include <algorithm>
#include <array>

namespace trackwire::auth {
namespace {

struct Row {
  const char* name;
  KeyKind kind;
};

// In the order of the enumeration.
constexpr std::array<Row, kAlgorithmCount> kTable = {{
    {"HS256", KeyKind::kSecret},
    {"HS384", KeyKind::kSecret},
    {"HS512", KeyKind::kSecret},
    {"RS256", KeyKind::kRsa},
    {"RS384", KeyKind::kRsa},
    {"RS512", KeyKind::kRsa},
    {"PS256", KeyKind::kRsa},
    {"PS384", KeyKind::kRsa},
    {"PS512", KeyKind::kRsa},
    {"ES256", KeyKind::kP256},
    {"ES384", KeyKind::kP384},
    {"ES512", KeyKind::kP521},
    {"EdDSA", KeyKind::kEd25519},
}};

const Row& RowOf(Algorithm algorithm) { return kTable[static_cast<size_t>(algorithm)]; }

}  // namespace

const char* ToString(Algorithm algorithm) { return RowOf(algorithm).name; }

std::optional<Algorithm> ParseAlgorithm(std::string_view name) {
  for (size_t i = 0; i < kTable.size(); ++i) {
    if (name == kTable[i].name) return static_cast<Algorithm>(i);
  }
  return std::nullopt;
}

std::string AlgorithmNames() {
  std::string out;
  for (const Row& row : kTable) {
    if (!out.empty()) out += ", ";
    out += row.name;
  }
  return out;
}

const char* ToString(KeyKind kind) {
  constexpr std::array<const char*, 6> kNames = {"secret", "RSA",   "P-256",
                                                 "P-384",  "P-521", "Ed25519"};
  return kNames[static_cast<size_t>(kind)];
}

KeyKind KindOf(Algorithm algorithm) { return RowOf(algorithm).kind; }

std::vector<Algorithm> OfKind(const std::vector<Algorithm>& algorithms, KeyKind kind) {
  std::vector<Algorithm> out;
  for (const Algorithm algorithm : algorithms) {
    const bool known = std::find(out.begin(), out.end(), algorithm) != out.end();
    if (KindOf(algorithm) == kind && !known) out.push_back(algorithm);
  }
  return out;
}

const std::vector<Algorithm>& DefaultAlgorithms() {
  static const std::vector<Algorithm> algorithms = {Algorithm::kHs256, Algorithm::kRs256,
                                                    Algorithm::kEs256, Algorithm::kEs384,
                                                    Algorithm::kEs512, Algorithm::kEdDsa};
  return algorithms;
}

}  // namespace trackwire::auth
