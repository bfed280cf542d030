// Spec: section 5.5.
#include <unordered_map>
#include <unordered_set>

#include "graphql/validation_context.h"

namespace trackwire::graphql {
namespace {

class FragmentTypes final : public Rule {
 public:
  using Rule::Rule;

  void OnFragment(const ast::Fragment& fragment, const NamedType*) override {
    const auto [earlier, is_new] = seen_.emplace(fragment.name, fragment.at);
    if (!is_new) {
      Report("UniqueFragmentNames", "two fragments are called " + Quoted(fragment.name),
             {earlier->second, fragment.at});
    }
    CheckType(fragment.on, fragment.on_at);
  }

  void OnInline(const ast::Selection& selection, const NamedType* parent,
                const NamedType* type) override {
    if (selection.on.empty()) return;
    CheckType(selection.on, selection.on_at);
    CheckPossible(parent, type, selection.at);
  }

  void OnSpread(const ast::Selection& selection, const NamedType* parent) override {
    const ast::Fragment* fragment = context().FindFragment(selection.name);
    if (fragment == nullptr) {
      return Report("KnownFragmentNames", "there is no fragment " + Quoted(selection.name),
                    {selection.at});
    }
    const NamedType* type = context().schema.Find(fragment->on);
    if (type != nullptr && type->is_composite()) CheckPossible(parent, type, selection.at);
  }

 private:
  void CheckType(std::string_view name, ast::At at) {
    const NamedType* type = context().schema.Find(name);
    if (type == nullptr) {
      Report("KnownTypeNames", "there is no type " + Quoted(name), {at});
    } else if (!type->is_composite()) {
      Report("FragmentsOnCompositeTypes",
             "a fragment cannot be on the type " + Quoted(name) + ", which has no fields", {at});
    }
  }

  void CheckPossible(const NamedType* parent, const NamedType* type, ast::At at) {
    if (parent == nullptr || type == nullptr || Overlap(*parent, *type)) return;
    Report("PossibleFragmentSpreads",
           "no object of type " + Quoted(parent->name) + " is also a " + Quoted(type->name), {at});
  }

  std::unordered_map<std::string_view, ast::At> seen_;
};

class UnusedFragments final : public Rule {
 public:
  using Rule::Rule;

  void Finish() override {
    std::unordered_set<const ast::Fragment*> used;
    for (const auto& definition : context().definitions) {
      if (definition.operation == nullptr) break;
      for (const auto* reached : context().Reach(definition)) used.insert(reached->fragment);
    }
    for (const ast::Fragment& fragment : context().document.fragments) {
      const bool is_first = context().FindFragment(fragment.name) == &fragment;
      if (!is_first || used.count(&fragment) > 0) continue;
      Report("NoUnusedFragments", "the fragment " + Quoted(fragment.name) + " is never used",
             {fragment.at});
    }
  }
};

/// Follows spreads with a stack of its own: a chain may be long.
class FragmentCycles final : public Rule {
 public:
  using Rule::Rule;

  void Finish() override {
    for (const ast::Fragment& fragment : context().document.fragments) {
      if (states_[&fragment] == State::kNew) Follow(fragment);
    }
  }

 private:
  enum class State : uint8_t { kNew, kOpen, kDone };
  struct Step {
    const ast::Fragment* fragment;
    size_t next = 0;
  };

  void Follow(const ast::Fragment& start) {
    std::vector<Step> way = {{&start}};
    states_[&start] = State::kOpen;
    while (!way.empty()) {
      Step& step = way.back();
      const auto& spreads = context().Of(*step.fragment).spreads;
      if (step.next == spreads.size()) {
        states_[step.fragment] = State::kDone;
        way.pop_back();
        continue;
      }
      const ast::Selection& spread = *spreads[step.next++];
      const ast::Fragment* target = context().FindFragment(spread.name);
      if (target == nullptr) continue;
      State& state = states_[target];
      if (state == State::kOpen) {
        Report("NoFragmentCycles", "the fragment " + Quoted(target->name) + " spreads itself",
               {spread.at});
      } else if (state == State::kNew) {
        state = State::kOpen;
        way.push_back({target});
      }
    }
  }

  std::unordered_map<const ast::Fragment*, State> states_;
};

}  // namespace

void AddFragmentRules(ValidationContext& context, Rules& rules) {
  rules.push_back(std::make_unique<FragmentTypes>(context));
  rules.push_back(std::make_unique<UnusedFragments>(context));
  rules.push_back(std::make_unique<FragmentCycles>(context));
}

}  // namespace trackwire::graphql
