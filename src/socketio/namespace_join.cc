#include "socketio/namespace_join.h"

#include <atomic>
#include <utility>

#include "socketio/client.h"
#include "socketio/guard.h"

namespace trackwire::socketio {
namespace {

const char* Message(NamespaceError error) {
  switch (error) {
    case NamespaceError::kUnknown:
      return "Invalid namespace";
    case NamespaceError::kFull:
      return "Too many namespaces";
    case NamespaceError::kBroken:
      return "Internal server error";
  }
  return "";
}

}  // namespace

NamespaceJoin::NamespaceJoin(Client& client, ShardPart& part, std::string_view name,
                             std::unique_ptr<Handshake> handshake)
    : client_(&client), part_(part), name_(name), handshake_(std::move(handshake)) {}

void NamespaceJoin::Start() {
  if (part_.registry.Join(name_, OnMade())) return;
  if (name_.size() > kMaxDynamicName) return Refuse(Message(NamespaceError::kUnknown));
  Ask(0);
}

void NamespaceJoin::OnShard(std::function<void()> task) {
  RunOn(part_.shard, [self = shared_from_this(), task = std::move(task)] {
    if (self->client_ != nullptr) task();
  });
}

void NamespaceJoin::Ask(size_t index) {
  const auto& parents = part_.registry.parents();
  if (index == parents.size()) return Refuse(Message(NamespaceError::kUnknown));
  ParentNamespace& parent = *parents[index];
  const auto answered = std::make_shared<std::atomic<bool>>(false);
  const auto answer = [this, self = shared_from_this(), index, &parent, answered](bool yes) {
    if (answered->exchange(true)) return;
    OnShard([this, index, &parent, yes] { yes ? Make(parent) : Ask(index + 1); });
  };
  const bool asked = Guarded("matcher", {}, [&] { parent.Ask(name_, *handshake_, answer); });
  if (!asked && !answered->exchange(true)) Refuse(Message(NamespaceError::kBroken));
}

void NamespaceJoin::Make(ParentNamespace& parent) { part_.registry.Make(name_, &parent, OnMade()); }

NamespaceRegistry::Made NamespaceJoin::OnMade() {
  return [this, self = shared_from_this()](Result<Namespace*, NamespaceError> made,
                                           NamespaceHold hold) {
    OnShard([this, made = std::move(made), hold = std::move(hold)] {
      if (made) return client_->Joined(*this, **made);
      if (made.error() == NamespaceError::kFull) ++part_.counters.namespaces_refused;
      Refuse(Message(made.error()));
    });
  };
}

void NamespaceJoin::Refuse(const char* why) { client_->NotJoined(*this, {why, {}}); }

}  // namespace trackwire::socketio
