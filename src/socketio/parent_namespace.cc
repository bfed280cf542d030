#include "socketio/parent_namespace.h"

#include <utility>

#include "socketio/namespace_registry.h"
#include "socketio/parent_operator.h"

namespace trackwire::socketio {

ParentNamespace::~ParentNamespace() = default;

void ParentNamespace::Ask(std::string_view name, const Handshake& handshake,
                          std::function<void(bool)> answer) const {
  if (pattern_) return answer(pattern_->Matches(name));
  matcher_(name, handshake, std::move(answer));
}

void ParentNamespace::UseAdapter(AdapterFactory factory, bool share_credentials) {
  make_adapter_ = std::move(factory);
  share_credentials_ = share_credentials;
}

void ParentNamespace::UseRecovery(Recovery* recovery,
                                  std::function<bool(const Socket&)> participates) {
  recovery_ = recovery;
  participates_ = std::move(participates);
}

std::vector<std::shared_ptr<Namespace>> ParentNamespace::children() const {
  return registry_.ChildrenOf(*this);
}

void ParentNamespace::Emit(const Broadcast& broadcast) {
  for (const auto& child : children()) child->Emit(broadcast);
}

void ParentNamespace::Emit(std::string_view event, const Args& args, std::vector<std::string> rooms,
                           std::vector<std::string> except) {
  Emit(Broadcast{std::string(event), args, std::move(rooms), std::move(except)});
}

ParentOperator ParentNamespace::To(const RoomNames& rooms) {
  return ParentOperator(*this).To(rooms);
}

ParentOperator ParentNamespace::In(const RoomNames& rooms) { return To(rooms); }

ParentOperator ParentNamespace::Except(const RoomNames& rooms) {
  return ParentOperator(*this).Except(rooms);
}

ParentOperator ParentNamespace::Local() { return ParentOperator(*this).Local(); }

ParentOperator ParentNamespace::Volatile() { return ParentOperator(*this).Volatile(); }

ParentOperator ParentNamespace::Compress(bool compress) {
  return ParentOperator(*this).Compress(compress);
}

}  // namespace trackwire::socketio
