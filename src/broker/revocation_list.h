#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace trackwire::broker {

/// What was granted to somebody, or as one token, and counts no more.
struct Revocation {
  std::string subject;  ///< opaque here; of at most RevocationList::kMaxSubjectBytes
  WallTime before{};    ///< what was granted before this counts no more
  WallTime until{};     ///< from then on nobody needs to know: all that it is about has expired

  friend bool operator==(const Revocation&, const Revocation&) = default;
};

/// The revocations of a deployment: durable, the same for every process.
///
/// Of several of one subject the later `before` and the later `until` hold: nothing that is said
/// twice, late or out of order shortens one. Who keeps a copy calls OnChange() first and List()
/// then, merges what it hears meanwhile, and lists anew when told to. Calls from any thread,
/// callbacks on the broker's loop.
class RevocationList {
 public:
  static constexpr size_t kMaxSubjectBytes = 1'024;
  static constexpr size_t kMaxRevocations = 1'000'000;

  using RevokeDone = std::function<void(Result<void>)>;
  using ListDone = std::function<void(Result<std::vector<Revocation>>)>;
  /// A revocation that is in force from now on; nothing: some may have been missed, list anew.
  using Handler = std::function<void(const std::optional<Revocation>& change)>;

  virtual ~RevocationList() = default;
  /// `done` once it is durable; the handlers of this process have heard it or hear it soon. Fails
  /// with `too_many` when a million are in force, `bad_subject` for an empty or too long one,
  /// `unavailable` when storage does not take it: it may yet be in force then.
  virtual void Revoke(Revocation revocation, RevokeDone done) = 0;
  /// Those not past their `until`, in no order. Fails with `unavailable`.
  virtual void List(ListDone done) = 0;
  /// The broker's loop. From now on `handler`, until the broker ends, hears of every revocation in
  /// any process of the deployment, this one too, maybe more than once.
  virtual void OnChange(Handler handler) = 0;
};

/// Makes `held` what holds once `said` was said too.
void Merge(Revocation& held, const Revocation& said);
/// What is wrong with it; brings its times into the years 1970 to 9999.
std::optional<Error> CheckRevocation(Revocation& revocation);

}  // namespace trackwire::broker
