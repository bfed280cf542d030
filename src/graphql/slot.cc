#include "graphql/slot.h"

#include <algorithm>

#include "base/json_scanner.h"
#include "graphql/engine.h"

namespace trackwire::graphql {
namespace {

void AppendJson(std::string& out, const json::value& value) {
  switch (value.kind()) {
    case json::kind::null: out += "null"; return;
    case json::kind::bool_: out += value.get_bool() ? "true" : "false"; return;
    case json::kind::int64: out += std::to_string(value.get_int64()); return;
    case json::kind::uint64: out += std::to_string(value.get_uint64()); return;
    case json::kind::double_: base::AppendJsonNumber(out, value.get_double()); return;
    case json::kind::string: base::AppendJsonString(out, value.get_string()); return;
    case json::kind::array: break;
    case json::kind::object: break;
  }
  bool first = true;
  if (value.is_array()) {
    out += '[';
    for (const json::value& item : value.get_array()) {
      if (!first) out += ',';
      first = false;
      AppendJson(out, item);
    }
    out += ']';
    return;
  }
  out += '{';
  for (const auto& [key, item] : value.get_object()) {
    if (!first) out += ',';
    first = false;
    base::AppendJsonString(out, key);
    out += ':';
    AppendJson(out, item);
  }
  out += '}';
}

void AppendSlot(std::string& out, const Slot& slot) {
  switch (slot.state) {
    case Slot::State::kWaiting:
    case Slot::State::kNull: out += "null"; return;
    case Slot::State::kLeaf: return AppendJson(out, slot.leaf);
    case Slot::State::kObject:
    case Slot::State::kList: break;
  }
  const bool object = slot.state == Slot::State::kObject;
  out += object ? '{' : '[';
  bool first = true;
  for (const Slot* child : slot.children) {
    if (!first) out += ',';
    first = false;
    if (object) ((out += '"') += child->field->key) += "\":";
    AppendSlot(out, *child);
  }
  out += object ? '}' : ']';
}

void AppendPath(std::string& out, const Path& path) {
  out += R"(,"path":[)";
  for (size_t i = 0; i < path.size(); ++i) {
    if (i > 0) out += ',';
    if (const auto* name = std::get_if<std::string>(&path[i])) {
      base::AppendJsonString(out, *name);
    } else {
      out += std::to_string(std::get<uint64_t>(path[i]));
    }
  }
  out += ']';
}

void AppendProblem(std::string& out, const Problem& problem) {
  out += R"({"message":)";
  base::AppendJsonString(out, problem.message);
  for (size_t i = 0; i < problem.places.size(); ++i) {
    out += i == 0 ? R"(,"locations":[)" : ",";
    out += R"({"line":)" + std::to_string(problem.places[i].line) + R"(,"column":)" +
           std::to_string(problem.places[i].column) + "}";
  }
  if (!problem.places.empty()) out += ']';
  if (!problem.path.empty()) AppendPath(out, problem.path);
  out += R"(,"extensions":{"code":)";
  base::AppendJsonString(out, problem.code);
  if (!problem.rule.empty()) {
    out += R"(,"rule":)";
    base::AppendJsonString(out, problem.rule);
  }
  out += "}}";
}

void AppendProblems(std::string& out, const std::vector<Problem>& problems) {
  out += R"("errors":[)";
  for (size_t i = 0; i < problems.size(); ++i) {
    if (i > 0) out += ',';
    AppendProblem(out, problems[i]);
  }
  out += ']';
}

}  // namespace

bool Slot::alive() const {
  for (const Slot* slot = parent; slot != nullptr; slot = slot->parent) {
    if (slot->state == State::kNull) return false;
  }
  return true;
}

Path Slot::path() const {
  Path path;
  for (const Slot* slot = this; slot->parent != nullptr; slot = slot->parent) {
    if (slot->is_item) {
      path.emplace_back(uint64_t{slot->index});
    } else {
      path.emplace_back(std::string(slot->field->key));
    }
  }
  std::reverse(path.begin(), path.end());
  return path;
}

void Slots::SetNull(Slot& slot) {
  Slot* target = &slot;
  while (target->parent != nullptr && target->type.wraps.non_null()) target = target->parent;
  target->state = Slot::State::kNull;
  target->children.clear();
}

std::string WriteResponse(const std::vector<Problem>& problems, const Slot& root) {
  std::string out = "{";
  if (!problems.empty()) {
    AppendProblems(out, problems);
    out += ',';
  }
  out += R"("data":)";
  AppendSlot(out, root);
  out += '}';
  return out;
}

std::string ErrorBody(const std::vector<Problem>& problems) {
  std::string out = "{";
  AppendProblems(out, problems);
  return out + "}";
}

}  // namespace trackwire::graphql
