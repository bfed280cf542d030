// OverlappingFieldsCanBeMerged, spec: section 5.3.2.
//
// Fields of one name in the response are looked at together, not two by two: that all of them have
// one shape, and that those which may stand in one object ask the same. What is asked of them is
// then looked at as one set of fields again. A set is known by the selection sets it is made of and
// looked at once; the work is counted, and a document that needs too much of it is refused.
#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "graphql/printer.h"
#include "graphql/validation_context.h"

namespace trackwire::graphql {
namespace {

constexpr size_t kMaxWork = 200'000;
constexpr char kRule[] = "OverlappingFieldsCanBeMerged";

/// A selection set and the type of the object it is asked of.
struct Part {
  const ast::SelectionSet* selections;
  const NamedType* parent;
  bool operator<(const Part& other) const {
    return std::tie(selections, parent) < std::tie(other.selections, other.parent);
  }
};
using Parts = std::set<Part>;

struct FoundField {
  const ast::Selection* node;
  const NamedType* parent;
  const Field* field;
};
using Group = std::vector<FoundField>;
/// In the order of their first field, so that the same document gives the same problems.
struct Groups {
  std::vector<Group> list;
  std::unordered_map<std::string_view, size_t> index;
};

bool SameArguments(const std::vector<ast::Argument>& a, const std::vector<ast::Argument>& b) {
  if (a.size() != b.size()) return false;
  // Names are unique by now; their order says nothing.
  return std::all_of(a.begin(), a.end(), [&b](const ast::Argument& one) {
    return std::find(b.begin(), b.end(), one) != b.end();
  });
}

/// Whether values of both types look alike, save for the fields of objects.
bool SameShape(Type a, Type b) {
  if (!(a.wraps == b.wraps)) return false;
  if (a.named->is_leaf() || b.named->is_leaf()) return a.named == b.named;
  return true;
}

class Overlaps {
 public:
  explicit Overlaps(ValidationContext& context) : context_(context) {}

  void Check(const ast::SelectionSet& selections, const NamedType& parent) {
    const Parts parts = {{&selections, &parent}};
    CheckShapes(parts);
    CheckMeanings(parts);
  }
  bool exhausted() const { return work_ > kMaxWork; }

 private:
  void Collect(const ast::SelectionSet& selections, const NamedType& parent,
               std::unordered_set<std::string_view>& spread, Groups& groups) {
    for (const ast::Selection& selection : selections) {
      if (++work_ > kMaxWork) return;
      if (selection.kind == ast::SelectionKind::kField) {
        const auto [at, is_new] = groups.index.emplace(selection.key(), groups.list.size());
        if (is_new) groups.list.emplace_back();
        groups.list[at->second].push_back(
            {&selection, &parent, context_.schema.FindField(parent, selection.name)});
      } else if (selection.kind == ast::SelectionKind::kInline) {
        const NamedType* type =
            selection.on.empty() ? &parent : context_.schema.Find(selection.on);
        Collect(selection.selections, *type, spread, groups);
      } else if (spread.insert(selection.name).second) {
        const ast::Fragment& fragment = *context_.FindFragment(selection.name);
        Collect(fragment.selections, *context_.schema.Find(fragment.on), spread, groups);
      }
    }
  }

  Groups CollectAll(const Parts& parts) {
    Groups groups;
    std::unordered_set<std::string_view> spread;
    for (const Part& part : parts) Collect(*part.selections, *part.parent, spread, groups);
    return groups;
  }

  /// What is asked of the fields.
  template <typename Fields>
  static Parts Below(const Fields& fields) {
    Parts parts;
    for (const FoundField& found : fields) {
      if (!found.node->selections.empty()) {
        parts.insert({&found.node->selections, found.field->type.named});
      }
    }
    return parts;
  }

  void CheckShapes(const Parts& parts) {
    if (parts.empty() || exhausted() || !shapes_seen_.insert(parts).second) return;
    for (const Group& group : CollectAll(parts).list) {
      const FoundField& first = group.front();
      for (const FoundField& other : group) {
        if (SameShape(first.field->type, other.field->type)) continue;
        return Conflict(first, other,
                        "they are of the types " + first.field->type.ToString() + " and " +
                            other.field->type.ToString());
      }
      CheckShapes(Below(group));
    }
  }

  void CheckMeanings(const Parts& parts) {
    if (parts.empty() || exhausted() || !meanings_seen_.insert(parts).second) return;
    for (const Group& group : CollectAll(parts).list) {
      for (const Group& together : ByObject(group)) {
        if (!CheckSame(together)) return;
        CheckMeanings(Below(together));
      }
    }
  }

  /// Those that may stand in one object: of each object type, with those of abstract types.
  std::vector<Group> ByObject(const Group& group) {
    Group abstract;
    std::map<const NamedType*, Group> objects;
    for (const FoundField& found : group) {
      if (found.parent->is_abstract()) {
        abstract.push_back(found);
      } else {
        objects[found.parent].push_back(found);
      }
    }
    if (objects.empty()) return {std::move(abstract)};
    std::vector<Group> all;
    for (auto& [type, fields] : objects) {
      work_ += abstract.size();
      fields.insert(fields.end(), abstract.begin(), abstract.end());
      all.push_back(std::move(fields));
    }
    return all;
  }

  bool CheckSame(const Group& group) {
    const FoundField& first = group.front();
    for (const FoundField& other : group) {
      if (other.node->name != first.node->name) {
        Conflict(first, other,
                 "they are the fields " + std::string(first.node->name) + " and " +
                     std::string(other.node->name));
        return false;
      }
      if (!SameArguments(first.node->arguments, other.node->arguments)) {
        Conflict(first, other, "they have different arguments");
        return false;
      }
    }
    return true;
  }

  void Conflict(const FoundField& a, const FoundField& b, const std::string& why) {
    // Both looks may find it.
    if (!told_.emplace(a.node, b.node).second) return;
    context_.Report(kRule,
                    "two fields called \"" + std::string(a.node->key()) +
                        "\" in the response cannot be one: " + why,
                    {a.node->at, b.node->at});
  }

  ValidationContext& context_;
  size_t work_ = 0;
  std::set<Parts> shapes_seen_;
  std::set<Parts> meanings_seen_;
  std::set<std::pair<const ast::Selection*, const ast::Selection*>> told_;
};

}  // namespace

void CheckOverlaps(ValidationContext& context) {
  Overlaps overlaps(context);
  for (const ast::Operation& operation : context.document.operations) {
    overlaps.Check(operation.selections, *context.schema.Root(operation.kind));
    if (!overlaps.exhausted()) continue;
    return context.ReportLimit(codes::kTooCostly,
                               "too many fields of one name in one another to compare",
                               operation.at);
  }
}

}  // namespace trackwire::graphql
