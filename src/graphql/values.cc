#include "graphql/values.h"

#include <charconv>
#include <set>

#include "graphql/printer.h"

namespace trackwire::graphql {
namespace {

std::string Shown(const ast::Value& literal) {
  std::string text = Print(literal);
  if (text.size() <= 80) return text;
  size_t end = 80;
  while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

json::value NumberAsJson(const ast::Value& literal) {
  const char* begin = literal.text.data();
  const char* end = begin + literal.text.size();
  if (literal.kind == ast::ValueKind::kInt) {
    int64_t whole = 0;
    if (std::from_chars(begin, end, whole).ec == std::errc()) return whole;
  }
  double number = 0;
  const auto [rest, error] = std::from_chars(begin, end, number);
  if (error == std::errc::result_out_of_range) {
    number = literal.text.find("e-") == std::string_view::npos &&
                     literal.text.find("E-") == std::string_view::npos
                 ? std::numeric_limits<double>::infinity()
                 : 0.0;
  }
  return number;
}

/// What may be written for the scalars of the language; other scalars see the JSON of it.
bool LooksLike(const ast::Value& literal, std::string_view type) {
  const ast::ValueKind kind = literal.kind;
  if (type == "Int") return kind == ast::ValueKind::kInt;
  if (type == "Float") return kind == ast::ValueKind::kInt || kind == ast::ValueKind::kFloat;
  if (type == "String") return kind == ast::ValueKind::kString;
  if (type == "Boolean") return kind == ast::ValueKind::kBoolean;
  if (type == "ID") return kind == ast::ValueKind::kString || kind == ast::ValueKind::kInt;
  return kind != ast::ValueKind::kEnum;
}

bool HasVariable(const ast::Value& literal) {
  if (literal.kind == ast::ValueKind::kVariable) return true;
  for (const ast::Value& item : literal.items) {
    if (HasVariable(item)) return true;
  }
  for (const ast::ObjectField& field : literal.fields) {
    if (HasVariable(field.value)) return true;
  }
  return false;
}

/// A scalar's value. An id may have more digits than a number can hold.
Result<json::value, std::string> ParseScalar(const ast::Value& literal, const NamedType& type,
                                             const Values& variables) {
  if (!LooksLike(literal, type.name)) return Err(std::string("is of another kind"));
  if (type.name == "ID" && literal.kind == ast::ValueKind::kInt) {
    return json::value(json::string(literal.text));
  }
  auto value = LiteralAsJson(literal, variables);
  if (!value) return Err(std::string("has a variable that was not given"));
  return type.scalar->parse(*value);
}

/// Variables inside a scalar's literal have no type of their own, but they are used.
void VisitVariables(const ast::Value& literal, const LiteralVisitor& visitor) {
  if (literal.kind == ast::ValueKind::kVariable) visitor.variable(literal, {}, false);
  for (const ast::Value& item : literal.items) VisitVariables(item, visitor);
  for (const ast::ObjectField& field : literal.fields) VisitVariables(field.value, visitor);
}

class LiteralCheck {
 public:
  explicit LiteralCheck(const LiteralVisitor& visitor) : visitor_(visitor) {}

  void Check(const ast::Value& literal, Type type, bool has_default) {
    if (type.named == nullptr) return VisitVariables(literal, visitor_);
    if (literal.kind == ast::ValueKind::kVariable) {
      return visitor_.variable(literal, type, has_default);
    }
    if (literal.kind == ast::ValueKind::kNull) {
      if (type.wraps.non_null()) Misfit(literal, type, "");
      return;
    }
    type = type.Nullable();
    if (type.wraps.list()) {
      if (literal.kind != ast::ValueKind::kList) return Check(literal, type.Inner(), false);
      for (const ast::Value& item : literal.items) Check(item, type.Inner(), false);
      return;
    }
    switch (type.named->kind) {
      case TypeKind::kInputObject: return CheckObject(literal, type);
      case TypeKind::kEnum: return CheckEnum(literal, type);
      default: return CheckScalar(literal, type);
    }
  }

 private:
  void Misfit(const ast::Value& literal, Type type, const std::string& why) {
    VisitVariables(literal, visitor_);
    std::string message = Shown(literal) + " is no value of type " + type.ToString();
    if (!why.empty()) message += ": it " + why;
    visitor_.misfit(literal.at, "ValuesOfCorrectType", std::move(message));
  }

  void CheckScalar(const ast::Value& literal, Type type) {
    if (HasVariable(literal)) return VisitVariables(literal, visitor_);
    auto parsed = ParseScalar(literal, *type.named, {});
    if (!parsed) Misfit(literal, type, parsed.error());
  }

  void CheckEnum(const ast::Value& literal, Type type) {
    const bool known = literal.kind == ast::ValueKind::kEnum &&
                       type.named->FindValue(literal.text) != nullptr;
    if (!known) Misfit(literal, type, "");
  }

  void CheckObject(const ast::Value& literal, Type type) {
    if (literal.kind != ast::ValueKind::kObject) return Misfit(literal, type, "is no object");
    std::set<std::string_view> names;
    for (const ast::ObjectField& field : literal.fields) {
      const std::string shown = "\"" + std::string(field.name) + '"';
      if (!names.insert(field.name).second) {
        visitor_.misfit(field.at, "UniqueInputFieldNames",
                        "the field " + shown + " is given twice");
      }
      const InputValue* defined = type.named->FindInputField(field.name);
      if (defined != nullptr) {
        Check(field.value, defined->type, defined->default_value != nullptr);
        continue;
      }
      VisitVariables(field.value, visitor_);
      visitor_.misfit(field.at, "ValuesOfCorrectType",
                      "the type " + type.ToString() + " has no field " + shown);
    }
    for (const InputValue& defined : type.named->input_fields) {
      if (!defined.required() || names.count(defined.name) > 0) continue;
      visitor_.misfit(literal.at, "ValuesOfCorrectType",
                      "the field \"" + std::string(defined.name) + "\" of type " +
                          type.ToString() + " is needed");
    }
  }

  const LiteralVisitor& visitor_;
};

std::optional<json::value> CoerceObject(const ast::Value& literal, const NamedType& type,
                                        const Values& variables) {
  if (literal.kind != ast::ValueKind::kObject) return std::nullopt;
  json::object out;
  for (const InputValue& field : type.input_fields) {
    const ast::Value* given = literal.Find(field.name);
    if (given != nullptr && given->kind == ast::ValueKind::kVariable &&
        !variables.contains(given->text)) {
      given = nullptr;
    }
    if (given == nullptr) given = field.default_value;
    if (given == nullptr) {
      if (field.type.wraps.non_null()) return std::nullopt;
      continue;
    }
    auto value = CoerceLiteral(*given, field.type, variables);
    if (!value) return std::nullopt;
    out[field.name] = std::move(*value);
  }
  return json::value(std::move(out));
}

}  // namespace

void CheckLiteral(const ast::Value& literal, Type type, const LiteralVisitor& visitor,
                  bool has_default) {
  LiteralCheck(visitor).Check(literal, type, has_default);
}

std::optional<json::value> LiteralAsJson(const ast::Value& literal, const Values& variables) {
  switch (literal.kind) {
    case ast::ValueKind::kVariable: {
      const json::value* value = variables.if_contains(literal.text);
      return value == nullptr ? std::nullopt : std::optional<json::value>(*value);
    }
    case ast::ValueKind::kInt:
    case ast::ValueKind::kFloat: return NumberAsJson(literal);
    case ast::ValueKind::kString: return json::value(json::string(literal.string));
    case ast::ValueKind::kEnum: return json::value(json::string(literal.text));
    case ast::ValueKind::kBoolean: return json::value(literal.truth);
    case ast::ValueKind::kNull: return json::value(nullptr);
    case ast::ValueKind::kList: {
      json::array out;
      for (const ast::Value& item : literal.items) {
        out.push_back(LiteralAsJson(item, variables).value_or(json::value(nullptr)));
      }
      return json::value(std::move(out));
    }
    case ast::ValueKind::kObject: break;
  }
  json::object out;
  for (const ast::ObjectField& field : literal.fields) {
    if (auto value = LiteralAsJson(field.value, variables)) out[field.name] = std::move(*value);
  }
  return json::value(std::move(out));
}

std::optional<json::value> CoerceLiteral(const ast::Value& literal, Type type,
                                         const Values& variables) {
  if (literal.kind == ast::ValueKind::kVariable) {
    const json::value* value = variables.if_contains(literal.text);
    if (value == nullptr || (value->is_null() && type.wraps.non_null())) return std::nullopt;
    return *value;
  }
  if (literal.kind == ast::ValueKind::kNull) {
    if (type.wraps.non_null()) return std::nullopt;
    return json::value(nullptr);
  }
  type = type.Nullable();
  if (type.wraps.list()) {
    json::array out;
    if (literal.kind != ast::ValueKind::kList) {
      auto only = CoerceLiteral(literal, type.Inner(), variables);
      if (!only) return std::nullopt;
      out.push_back(std::move(*only));
      return json::value(std::move(out));
    }
    for (const ast::Value& item : literal.items) {
      const bool absent =
          item.kind == ast::ValueKind::kVariable && !variables.contains(item.text);
      auto value = absent && !type.Inner().wraps.non_null()
                       ? std::optional<json::value>(nullptr)
                       : CoerceLiteral(item, type.Inner(), variables);
      if (!value) return std::nullopt;
      out.push_back(std::move(*value));
    }
    return json::value(std::move(out));
  }
  if (type.named->kind == TypeKind::kInputObject) {
    return CoerceObject(literal, *type.named, variables);
  }
  if (type.named->kind == TypeKind::kEnum) {
    if (literal.kind != ast::ValueKind::kEnum || type.named->FindValue(literal.text) == nullptr) {
      return std::nullopt;
    }
    return json::value(json::string(literal.text));
  }
  auto parsed = ParseScalar(literal, *type.named, variables);
  if (!parsed) return std::nullopt;
  return std::move(*parsed);
}

Result<Values, std::string> CoerceArguments(const std::vector<InputValue>& defined,
                                            const std::vector<ast::Argument>& given,
                                            const Values& variables) {
  Values out;
  for (const InputValue& argument : defined) {
    const ast::Value* literal = nullptr;
    for (const ast::Argument& one : given) {
      if (one.name == argument.name) literal = &one.value;
    }
    if (literal != nullptr && literal->kind == ast::ValueKind::kVariable &&
        !variables.contains(literal->text)) {
      literal = nullptr;
    }
    if (literal == nullptr) literal = argument.default_value;
    const std::string shown = "the argument \"" + std::string(argument.name) + '"';
    if (literal == nullptr) {
      if (argument.type.wraps.non_null()) return Err(shown + " is needed");
      continue;
    }
    auto value = CoerceLiteral(*literal, argument.type, variables);
    if (!value) return Err(shown + " is no value of type " + argument.type.ToString());
    out[argument.name] = std::move(*value);
  }
  return out;
}

std::optional<Type> FindType(const Schema& schema, const ast::TypeRef& ref) {
  const NamedType* named = schema.Find(ref.name);
  if (named == nullptr) return std::nullopt;
  return Type{named, ref.wraps};
}

}  // namespace trackwire::graphql
