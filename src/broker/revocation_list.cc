#include "broker/revocation_list.h"

#include <algorithm>

namespace trackwire::broker {
namespace {

using std::chrono::milliseconds;

constexpr WallTime kFirst{milliseconds(0)};
constexpr WallTime kLast{milliseconds(253'402'300'799'999)};

}  // namespace

void Merge(Revocation& held, const Revocation& said) {
  held.before = std::max(held.before, said.before);
  held.until = std::max(held.until, said.until);
}

std::optional<Error> CheckRevocation(Revocation& revocation) {
  if (revocation.subject.empty() ||
      revocation.subject.size() > RevocationList::kMaxSubjectBytes) {
    return Error{"bad_subject", "the subject of a revocation has 1 to 1024 bytes"};
  }
  revocation.before = std::clamp(revocation.before, kFirst, kLast);
  revocation.until = std::clamp(revocation.until, kFirst, kLast);
  return std::nullopt;
}

}  // namespace trackwire::broker
