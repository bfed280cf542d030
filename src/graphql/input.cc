// Variables: JSON of a client as values of input types.
#include <boost/json/serialize.hpp>

#include "graphql/values.h"

namespace trackwire::graphql {
namespace {

std::string Shown(const json::value& value) {
  std::string text = json::serialize(value);
  if (text.size() <= 80) return text;
  size_t end = 80;
  while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

/// Turns one variable's JSON into a value, remembering the way to what does not fit.
class InputCoercion {
 public:
  explicit InputCoercion(std::string_view variable) : path_("$" + std::string(variable)) {}

  const std::string& problem() const { return problem_; }

  /// Nothing once something did not fit.
  std::optional<json::value> Coerce(const json::value& given, Type type) {
    if (given.is_null()) {
      if (type.wraps.non_null()) return Misfit(given, type, "");
      return json::value(nullptr);
    }
    type = type.Nullable();
    if (type.wraps.list()) return CoerceList(given, type);
    switch (type.named->kind) {
      case TypeKind::kInputObject: return CoerceObject(given, type);
      case TypeKind::kEnum:
        if (given.is_string() && type.named->FindValue(given.get_string()) != nullptr) {
          return given;
        }
        return Misfit(given, type, "");
      default: break;
    }
    auto parsed = type.named->scalar->parse(given);
    if (!parsed) return Misfit(given, type, parsed.error());
    return std::move(*parsed);
  }

 private:
  std::optional<json::value> CoerceList(const json::value& given, Type type) {
    json::array out;
    if (!given.is_array()) {
      auto only = Coerce(given, type.Inner());
      if (!only) return std::nullopt;
      out.push_back(std::move(*only));
      return json::value(std::move(out));
    }
    const size_t length = path_.size();
    for (const json::value& item : given.get_array()) {
      path_ += "[" + std::to_string(out.size()) + "]";
      auto value = Coerce(item, type.Inner());
      if (!value) return std::nullopt;
      path_.resize(length);
      out.push_back(std::move(*value));
    }
    return json::value(std::move(out));
  }

  std::optional<json::value> CoerceObject(const json::value& given, Type type) {
    if (!given.is_object()) return Misfit(given, type, "is no object");
    const json::object& object = given.get_object();
    for (const auto& [name, value] : object) {
      if (type.named->FindInputField(name) == nullptr) {
        return Misfit(given, type, "has a field \"" + std::string(name).substr(0, 80) +
                                       "\" that the type does not have");
      }
    }
    json::object out;
    const size_t length = path_.size();
    for (const InputValue& field : type.named->input_fields) {
      const json::value* value = object.if_contains(field.name);
      std::optional<json::value> coerced;
      if (value != nullptr) {
        (path_ += '.') += field.name;
        coerced = Coerce(*value, field.type);
        if (!coerced) return std::nullopt;
        path_.resize(length);
      } else if (field.default_value != nullptr) {
        coerced = CoerceLiteral(*field.default_value, field.type, {});
      } else if (field.type.wraps.non_null()) {
        return Misfit(given, type, "lacks the field \"" + std::string(field.name) + '"');
      }
      if (coerced) out[field.name] = std::move(*coerced);
    }
    return json::value(std::move(out));
  }

  std::optional<json::value> Misfit(const json::value& given, Type type, const std::string& why) {
    problem_ = path_ + ": " + Shown(given) + " is no value of type " + type.ToString();
    if (!why.empty()) problem_ += ": it " + why;
    return std::nullopt;
  }

  std::string path_;
  std::string problem_;
};

}  // namespace

Result<Values, std::vector<Problem>> CoerceVariables(const Schema& schema,
                                                     const ast::Document& document,
                                                     const ast::Operation& operation,
                                                     const json::object& given) {
  Values out;
  std::vector<Problem> problems;
  const auto complain = [&](const ast::VariableDefinition& variable, std::string message) {
    if (problems.size() >= kMaxProblems) return;
    Problem problem;
    problem.code = codes::kVariables;
    problem.message = std::move(message);
    problem.places.push_back(PlaceOf(*document.source, variable.at.offset));
    problems.push_back(std::move(problem));
  };
  for (const ast::VariableDefinition& variable : operation.variables) {
    const auto type = FindType(schema, variable.type);
    CHECK(type && type->named->is_input());
    const json::value* value = given.if_contains(variable.name);
    if (value == nullptr) {
      if (variable.default_value) {
        if (auto coerced = CoerceLiteral(*variable.default_value, *type, {})) {
          out[variable.name] = std::move(*coerced);
        }
      } else if (type->wraps.non_null()) {
        complain(variable, "$" + std::string(variable.name) + " of type " + type->ToString() +
                               " is needed");
      }
      continue;
    }
    InputCoercion coercion(variable.name);
    if (auto coerced = coercion.Coerce(*value, *type)) {
      out[variable.name] = std::move(*coerced);
    } else {
      complain(variable, coercion.problem());
    }
  }
  if (!problems.empty()) return Err(std::move(problems));
  return out;
}

}  // namespace trackwire::graphql
