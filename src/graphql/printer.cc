#include "graphql/printer.h"

namespace trackwire::graphql {
namespace {

class Printer {
 public:
  std::string out;

  void Indent(size_t levels) { out.append(2 * levels, ' '); }

  template <typename List, typename One>
  void Joined(const List& list, const char* between, One one) {
    bool first = true;
    for (const auto& item : list) {
      if (!first) out += between;
      first = false;
      one(item);
    }
  }

  void Value(const ast::Value& value) {
    switch (value.kind) {
      case ast::ValueKind::kVariable: out += '$'; [[fallthrough]];
      case ast::ValueKind::kInt:
      case ast::ValueKind::kFloat:
      case ast::ValueKind::kBoolean:
      case ast::ValueKind::kNull:
      case ast::ValueKind::kEnum: out += value.text; return;
      case ast::ValueKind::kString: out += QuoteString(value.string); return;
      case ast::ValueKind::kList:
        out += '[';
        Joined(value.items, ", ", [this](const ast::Value& item) { Value(item); });
        out += ']';
        return;
      case ast::ValueKind::kObject:
        out += '{';
        Joined(value.fields, ", ", [this](const ast::ObjectField& field) {
          (out += field.name) += ": ";
          Value(field.value);
        });
        out += '}';
        return;
    }
  }

  void Arguments(const std::vector<ast::Argument>& arguments) {
    if (arguments.empty()) return;
    out += '(';
    Joined(arguments, ", ", [this](const ast::Argument& argument) {
      (out += argument.name) += ": ";
      Value(argument.value);
    });
    out += ')';
  }

  void Directives(const std::vector<ast::Directive>& directives) {
    for (const ast::Directive& directive : directives) {
      (out += " @") += directive.name;
      Arguments(directive.arguments);
    }
  }

  void Selections(const ast::SelectionSet& selections, size_t level) {
    out += " {\n";
    for (const ast::Selection& selection : selections) {
      Indent(level + 1);
      Selection(selection, level + 1);
      out += '\n';
    }
    Indent(level);
    out += '}';
  }

  void Selection(const ast::Selection& selection, size_t level) {
    if (selection.kind == ast::SelectionKind::kField) {
      if (!selection.alias.empty()) (out += selection.alias) += ": ";
      out += selection.name;
      Arguments(selection.arguments);
    } else {
      out += "...";
      out += selection.name;
      if (!selection.on.empty()) (out += " on ") += selection.on;
    }
    Directives(selection.directives);
    if (!selection.selections.empty()) Selections(selection.selections, level);
  }

  void Operation(const ast::Operation& operation) {
    out += ast::ToString(operation.kind);
    if (!operation.name.empty()) (out += ' ') += operation.name;
    if (!operation.variables.empty()) {
      out += '(';
      Joined(operation.variables, ", ", [this](const ast::VariableDefinition& variable) {
        ((out += '$') += variable.name) += ": " + variable.type.ToString();
        Default(variable.default_value);
        Directives(variable.directives);
      });
      out += ')';
    }
    Directives(operation.directives);
    Selections(operation.selections, 0);
    out += "\n\n";
  }

  void Fragment(const ast::Fragment& fragment) {
    ((out += "fragment ") += fragment.name) += " on ";
    out += fragment.on;
    Directives(fragment.directives);
    Selections(fragment.selections, 0);
    out += "\n\n";
  }

  void Default(const std::optional<ast::Value>& value) {
    if (!value) return;
    out += " = ";
    Value(*value);
  }

  void Description(const std::optional<std::string>& description, size_t level) {
    if (!description) return;
    out += QuoteString(*description) + "\n";
    Indent(level);
  }

  void InputValue(const ast::InputValueDefinition& value, size_t level) {
    Description(value.description, level);
    (out += value.name) += ": " + value.type.ToString();
    Default(value.default_value);
    Directives(value.directives);
  }

  void DefinedArguments(const std::vector<ast::InputValueDefinition>& arguments, size_t level) {
    if (arguments.empty()) return;
    out += '(';
    Joined(arguments, ", ", [this, level](const auto& value) { InputValue(value, level); });
    out += ')';
  }

  template <typename List, typename One>
  void Block(const List& list, One one) {
    if (list.empty()) return;
    out += " {\n";
    for (const auto& item : list) {
      Indent(1);
      one(item);
      out += '\n';
    }
    out += '}';
  }

  void Names(const char* before, const std::vector<ast::Name>& names, const char* between) {
    if (names.empty()) return;
    out += before;
    Joined(names, between, [this](const ast::Name& name) { out += name.text; });
  }

  void Type(const ast::TypeDefinition& type) {
    static constexpr const char* kWords[] = {"scalar ", "type ", "interface ",
                                             "union ",  "enum ", "input "};
    Description(type.description, 0);
    if (type.extend) out += "extend ";
    (out += kWords[static_cast<size_t>(type.kind)]) += type.name;
    Names(" implements ", type.interfaces, " & ");
    Directives(type.directives);
    Block(type.fields, [this](const ast::FieldDefinition& field) {
      Description(field.description, 1);
      out += field.name;
      DefinedArguments(field.arguments, 1);
      out += ": " + field.type.ToString();
      Directives(field.directives);
    });
    Names(" = ", type.members, " | ");
    Block(type.values, [this](const ast::EnumValueDefinition& value) {
      Description(value.description, 1);
      out += value.name;
      Directives(value.directives);
    });
    Block(type.input_fields, [this](const auto& value) { InputValue(value, 1); });
    out += "\n\n";
  }

  void Schema(const ast::SchemaDefinition& schema) {
    Description(schema.description, 0);
    out += schema.extend ? "extend schema" : "schema";
    Directives(schema.directives);
    Block(schema.roots, [this](const auto& root) {
      (out += ast::ToString(root.first)) += ": ";
      out += root.second.text;
    });
    out += "\n\n";
  }

  void DirectiveDefinition(const ast::DirectiveDefinition& directive) {
    Description(directive.description, 0);
    (out += "directive @") += directive.name;
    DefinedArguments(directive.arguments, 0);
    if (directive.repeatable) out += " repeatable";
    Names(" on ", directive.locations, " | ");
    out += "\n\n";
  }
};

}  // namespace

std::string Print(const ast::Document& document) {
  Printer printer;
  for (const auto& one : document.schemas) printer.Schema(one);
  for (const auto& one : document.directives) printer.DirectiveDefinition(one);
  for (const auto& one : document.types) printer.Type(one);
  for (const auto& one : document.operations) printer.Operation(one);
  for (const auto& one : document.fragments) printer.Fragment(one);
  while (printer.out.ends_with("\n\n")) printer.out.pop_back();
  return std::move(printer.out);
}

std::string Print(const ast::Value& value) {
  Printer printer;
  printer.Value(value);
  return std::move(printer.out);
}

std::string QuoteString(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (byte < 0x20) {
      ((out += "\\u00") += kHex[byte >> 4]) += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace trackwire::graphql
