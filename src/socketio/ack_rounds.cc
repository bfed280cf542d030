#include "socketio/ack_rounds.h"

#include <utility>

#include "socketio/guard.h"

namespace trackwire::socketio {

AckRounds::Round::Round(AckRounds& all, uint64_t number, Done then)
    : owner(all),
      id(number),
      done(std::move(then)),
      timer(
          [](void* self) {
            auto& round = *static_cast<Round*>(self);
            round.owner.Finish(round, true);
          },
          this) {}

uint64_t AckRounds::Begin(std::chrono::milliseconds timeout, Done done) {
  const uint64_t id = next_++;
  auto round = std::make_unique<Round>(*this, id, std::move(done));
  round->timer.Start(timers_, timeout);
  rounds_.emplace(id, std::move(round));
  return id;
}

AckRounds::Round* AckRounds::Find(uint64_t round) {
  const auto found = rounds_.find(round);
  return found == rounds_.end() ? nullptr : found->second.get();
}

void AckRounds::AddServer(uint64_t id, uint64_t clients) {
  Round* round = Find(id);
  if (round == nullptr) return;
  ++round->servers_heard;
  round->acks.expected += clients;
  FinishIfComplete(*round);
}

void AckRounds::SetServers(uint64_t id, uint64_t servers) {
  Round* round = Find(id);
  if (round == nullptr) return;
  round->servers = servers;
  FinishIfComplete(*round);
}

void AckRounds::AddAnswer(uint64_t id, Args answer) {
  Round* round = Find(id);
  if (round == nullptr) return;
  round->acks.answers.push_back(std::move(answer));
  FinishIfComplete(*round);
}

void AckRounds::AddFailure(uint64_t id) {
  Round* round = Find(id);
  if (round == nullptr) return;
  ++round->failures;
  FinishIfComplete(*round);
}

/// Answers may come before their server has told how many there will be.
void AckRounds::FinishIfComplete(Round& round) {
  if (!round.servers || round.servers_heard < *round.servers) return;
  if (round.acks.answers.size() + round.failures < round.acks.expected) return;
  Finish(round, round.failures > 0);
}

void AckRounds::Finish(Round& round, bool timed_out) {
  const auto node = rounds_.extract(round.id);
  BroadcastAcks acks = std::move(round.acks);
  acks.timed_out = timed_out;
  Guarded("broadcast acknowledgements", {}, [&] { round.done(std::move(acks)); });
}

}  // namespace trackwire::socketio
