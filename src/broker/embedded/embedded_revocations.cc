#include "broker/embedded/embedded_revocations.h"

#include <unordered_map>
#include <utility>

namespace trackwire::broker {

/// Belongs to the loop.
struct EmbeddedRevocations::Table : std::enable_shared_from_this<Table> {
  void Revoke(Revocation revocation, RevokeDone done) {
    if (auto bad = CheckRevocation(revocation)) return done(Err(std::move(*bad)));
    if (!HasRoomFor(revocation.subject)) {
      return done(Err("too_many", "no more revocations can be kept"));
    }
    ++under_way;
    RevocationChange change;
    change.revocation = revocation;
    change.done = [weak = weak_from_this(), said = std::move(revocation),
                   answer = done](Result<void> written) {
      if (auto self = weak.lock()) self->OnWritten(said, written);
      answer(std::move(written));
    };
    if (write(change)) return;
    --under_way;
    done(Err("unavailable", "the broker is shutting down"));
  }

  void OnWritten(const Revocation& said, const Result<void>& written) {
    --under_way;
    if (!written) return;
    const auto [held, added] = revocations.try_emplace(said.subject, said);
    if (!added) Merge(held->second, said);
    const std::optional<Revocation> change = held->second;
    for (size_t i = 0; i < handlers.size(); ++i) handlers[i](change);
  }

  bool HasRoomFor(const std::string& subject) {
    if (revocations.contains(subject) || revocations.size() + under_way < max) return true;
    DropPast();
    return revocations.size() + under_way < max;
  }

  void DropPast() {
    const WallTime now = clock->WallNow();
    std::erase_if(revocations, [now](const auto& held) { return held.second.until <= now; });
  }

  const Clock* clock = nullptr;
  Write write;
  size_t max = 0;
  size_t under_way = 0;
  std::unordered_map<std::string, Revocation> revocations;
  std::vector<Handler> handlers;
};

EmbeddedRevocations::EmbeddedRevocations(net::Loop& loop, const Clock& clock, Write write,
                                         size_t max, std::vector<Revocation> stored)
    : loop_(loop), table_(std::make_shared<Table>()) {
  table_->clock = &clock;
  table_->write = std::move(write);
  table_->max = max;
  for (Revocation& one : stored) {
    std::string subject = one.subject;
    table_->revocations.emplace(std::move(subject), std::move(one));
  }
}
EmbeddedRevocations::~EmbeddedRevocations() = default;

void EmbeddedRevocations::Revoke(Revocation revocation, RevokeDone done) {
  loop_.Post([weak = std::weak_ptr(table_), said = std::move(revocation),
              answer = std::move(done)]() mutable {
    if (auto table = weak.lock()) table->Revoke(std::move(said), std::move(answer));
  });
}

void EmbeddedRevocations::List(ListDone done) {
  loop_.Post([weak = std::weak_ptr(table_), answer = std::move(done)] {
    auto table = weak.lock();
    if (!table) return;
    table->DropPast();
    std::vector<Revocation> all;
    all.reserve(table->revocations.size());
    for (const auto& [subject, held] : table->revocations) all.push_back(held);
    answer(std::move(all));
  });
}

void EmbeddedRevocations::OnChange(Handler handler) {
  table_->handlers.push_back(std::move(handler));
}

}  // namespace trackwire::broker
