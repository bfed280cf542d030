// A set that is read holds keys of use, each found by the algorithms it allows and by no other, and
// nothing signed by nobody passes them.
#include <cstdint>
#include <string>
#include <string_view>

#include "auth/jwk_set.h"
#include "base/check.h"

using namespace trackwire::auth;  // NOLINT

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  JwkOptions options;
  options.secrets = true;
  auto set = JwkSet::Parse({reinterpret_cast<const char*>(data), size}, options);
  if (!set) return 0;
  CHECK((*set)->size() > 0 && (*set)->size() <= kMaxJwkSetKeys);
  size_t found = 0;
  for (size_t i = 0; i < kAlgorithmCount; ++i) {
    const auto algorithm = static_cast<Algorithm>(i);
    Candidates keys;
    (*set)->Find(algorithm, "", keys);
    found += keys.size();
    for (size_t k = 0; k < keys.size(); ++k) {
      CHECK(keys[k].Allows(algorithm));
      CHECK(!keys[k].Verify(algorithm, "text", std::string(64, '\0')));
    }
  }
  CHECK(found > 0);
  return 0;
}
