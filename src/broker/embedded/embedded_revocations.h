#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "broker/embedded/revocation_journal.h"
#include "broker/revocation_list.h"
#include "net/loop.h"

namespace trackwire::broker {

/// Revocations in memory, each once the journal has it. `loop` and `clock` outlive it; destroy it
/// on the loop.
class EmbeddedRevocations final : public RevocationList {
 public:
  /// Hands a change to the journal; false when nothing is taken any more.
  using Write = std::function<bool(RevocationChange& change)>;

  EmbeddedRevocations(net::Loop& loop, const Clock& clock, Write write, size_t max,
                      std::vector<Revocation> stored);
  ~EmbeddedRevocations() override;

  void Revoke(Revocation revocation, RevokeDone done) override;
  void List(ListDone done) override;
  void OnChange(Handler handler) override;

 private:
  struct Table;

  net::Loop& loop_;
  std::shared_ptr<Table> table_;
};

}  // namespace trackwire::broker
