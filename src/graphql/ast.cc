#include "graphql/ast.h"

namespace trackwire::graphql::ast {

const Value* Value::Find(std::string_view wanted) const {
  for (const ObjectField& field : fields) {
    if (field.name == wanted) return &field.value;
  }
  return nullptr;
}

// Spelled out where a type holds more of itself: clang 16 cannot make these by default.
bool Value::operator==(const Value& other) const {
  return kind == other.kind && truth == other.truth && text == other.text &&
         string == other.string && items == other.items && fields == other.fields;
}

bool ObjectField::operator==(const ObjectField& other) const {
  return name == other.name && value == other.value;
}

bool Selection::operator==(const Selection& other) const {
  return kind == other.kind && name == other.name && alias == other.alias && on == other.on &&
         arguments == other.arguments && directives == other.directives &&
         selections == other.selections;
}

const Value* Directive::Find(std::string_view argument) const {
  for (const Argument& one : arguments) {
    if (one.name == argument) return &one.value;
  }
  return nullptr;
}

const Directive* Find(const std::vector<Directive>& directives, std::string_view name) {
  for (const Directive& directive : directives) {
    if (directive.name == name) return &directive;
  }
  return nullptr;
}

std::string TypeRef::ToString() const {
  std::string out(name);
  std::string before;
  std::string after;
  for (Wraps rest = wraps; !rest.none(); rest = rest.Inner()) {
    if (rest.list()) before += '[';
    after.insert(0, 1, rest.list() ? ']' : '!');
  }
  return before + out + after;
}

const char* ToString(OperationKind kind) {
  switch (kind) {
    case OperationKind::kQuery: return "query";
    case OperationKind::kMutation: return "mutation";
    case OperationKind::kSubscription: return "subscription";
  }
  return "";
}

const char* ToString(TypeKind kind) {
  switch (kind) {
    case TypeKind::kScalar: return "SCALAR";
    case TypeKind::kObject: return "OBJECT";
    case TypeKind::kInterface: return "INTERFACE";
    case TypeKind::kUnion: return "UNION";
    case TypeKind::kEnum: return "ENUM";
    case TypeKind::kInputObject: return "INPUT_OBJECT";
  }
  return "";
}

bool Document::SaysTheSameAs(const Document& other) const {
  return operations == other.operations && fragments == other.fragments &&
         schemas == other.schemas && types == other.types && directives == other.directives;
}

}  // namespace trackwire::graphql::ast
