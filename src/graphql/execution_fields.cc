// From fields to values. Spec: sections 6.3 and 6.4.
#include "base/log.h"
#include "base/text.h"
#include "graphql/execution.h"

namespace trackwire::graphql {
namespace {

/// A field may be asked for at thousands of places, each of which takes time to find.
constexpr size_t kMaxPlaces = 4;

}  // namespace

bool OperationExecution::MayGrow() {
  too_large_ = too_large_ || slots_.size() >= engine_.options().limits.max_result_values;
  return !too_large_;
}

void OperationExecution::BeginObject(Slot& slot, const NamedType& type, const Source& source,
                                     PlannedSet& plan) {
  slot.state = State::kObject;
  slot.children.reserve(plan.fields.size());
  // All places first: the order of the response is that of the document, whoever comes first.
  for (PlannedField& field : plan.fields) {
    if (!MayGrow()) return;
    slots_.Add(slot, field, field.field->type);
  }
  // A copy, because a field that must not be null may clear the list.
  const std::vector<Slot*> children = slot.children;
  for (Slot* child : children) {
    if (slot.state != State::kObject || too_large_) return;
    BeginField(*child, type, source);
  }
}

void OperationExecution::PrepareField(PlannedField& field) {
  field.prepared = true;
  if (engine_.options().authorise) {
    field.refusal = engine_.options().authorise(*field.field, *context_);
    if (field.refusal) return;
  }
  auto arguments =
      CoerceArguments(field.field->arguments, field.nodes.front()->arguments, variables_);
  if (arguments) {
    field.arguments = std::move(*arguments);
  } else {
    field.refusal = Failure{codes::kBadArgument, std::move(arguments.error())};
  }
}

void OperationExecution::BeginField(Slot& slot, const NamedType& parent, const Source& source) {
  PlannedField& planned = *slot.field;
  if (planned.field->name == "__typename") {
    slot.leaf = json::string(parent.name);
    slot.state = State::kLeaf;
    return;
  }
  if (!planned.prepared) PrepareField(planned);
  if (planned.refusal) return Fail(slot, *planned.refusal);
  const Call call(*planned.field, source, planned.arguments, *context_);
  const Bindings::Resolver& resolver = engine_.ResolverOf(*planned.field);
  if (const Get* get = std::get_if<Get>(&resolver)) return Complete(slot, (*get)(call));
  ++waiting_;
  auto weak = std::weak_ptr<Execution>(weak_from_this());
  std::get<Ask>(resolver)(call, [this, weak, &slot](Resolved value) {
    // Alive as long as the lock is held.
    if (const auto self = weak.lock()) Arrive(slot, std::move(value));
  });
}

void OperationExecution::Complete(Slot& slot, Resolved value) {
  ResolvedValue& content = ValueOf(value);
  if (const auto* failure = std::get_if<Failure>(&content)) return Fail(slot, *failure);
  const auto* leaf = std::get_if<json::value>(&content);
  if (std::holds_alternative<std::monostate>(content) || (leaf != nullptr && leaf->is_null())) {
    if (slot.type.wraps.non_null()) return FailOurs(slot, "no value where there must be one");
    slot.state = State::kNull;
    return;
  }
  if (slot.type.wraps.Nullable().list()) {
    auto* list = std::get_if<Resolved::List>(&content);
    if (list == nullptr) return FailOurs(slot, "no list");
    return CompleteList(slot, std::move(*list));
  }
  if (slot.type.named->is_leaf()) {
    if (leaf == nullptr) return FailOurs(slot, "no leaf");
    return CompleteLeaf(slot, *leaf);
  }
  const auto* object = std::get_if<Resolved::Object>(&content);
  if (object == nullptr) return FailOurs(slot, "no object");
  CompleteObject(slot, *object);
}

void OperationExecution::CompleteList(Slot& slot, Resolved::List list) {
  slot.state = State::kList;
  const Type item_type = slot.type.Nullable().Inner();
  slot.children.reserve(list.size());
  for (size_t i = 0; i < list.size(); ++i) {
    if (!MayGrow()) return;
    Slot& item = slots_.Add(slot, *slot.field, item_type);
    item.is_item = true;
    item.index = static_cast<uint32_t>(i);
  }
  const std::vector<Slot*> children = slot.children;
  for (size_t i = 0; i < children.size(); ++i) {
    if (slot.state != State::kList || too_large_) return;
    Complete(*children[i], std::move(list[i]));
  }
}

void OperationExecution::CompleteLeaf(Slot& slot, const json::value& value) {
  const NamedType& type = *slot.type.named;
  if (type.kind == TypeKind::kEnum) {
    const bool known = value.is_string() && type.FindValue(value.get_string()) != nullptr;
    if (!known) return FailOurs(slot, "no value of the enum");
    slot.leaf = value;
  } else {
    auto serialized = type.scalar->serialize(value);
    if (!serialized) return FailOurs(slot, "a value that " + serialized.error());
    slot.leaf = std::move(*serialized);
  }
  const bool text = slot.leaf.is_string();
  if (text && !base::IsUtf8(slot.leaf.get_string())) return FailOurs(slot, "text not in UTF-8");
  slot.state = State::kLeaf;
}

void OperationExecution::CompleteObject(Slot& slot, const Resolved::Object& object) {
  const NamedType* type = slot.type.named;
  if (type->is_abstract()) {
    type = engine_.schema().Find(object.type);
    if (type == nullptr || !slot.type.named->MayBe(*type)) {
      return FailOurs(slot, "an object of a type that it cannot have");
    }
  }
  BeginObject(slot, *type, object.source, planner_->Below(*slot.field, *type));
}

void OperationExecution::Fail(Slot& slot, const Failure& failure) {
  if (!slot.alive()) return;
  if (problems_.size() < kMaxProblems) {
    Problem& problem = problems_.emplace_back();
    problem.code = failure.code;
    problem.message = failure.message;
    problem.path = slot.path();
    for (const ast::Selection* node : slot.field->nodes) {
      if (problem.places.size() == kMaxPlaces) break;
      problem.places.push_back(PlaceOf(*document_.source, node->at.offset));
    }
  }
  slots_.SetNull(slot);
}

void OperationExecution::FailOurs(Slot& slot, const std::string& what) {
  const Field& field = *slot.field->field;
  const std::string name = std::string(field.parent->name) + "." + std::string(field.name);
  base::LogError("graphql", "a field has a bad value", {{"field", name}, {"what", what}});
  Fail(slot, {codes::kInternal, "the server made a mistake: " + name + " gave " + what});
}

}  // namespace trackwire::graphql
