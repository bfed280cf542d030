#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "graphql/plan.h"

namespace trackwire::graphql {

/// The place of one value in the response: the root, a field, or an item of a list.
struct Slot {
  enum class State : uint8_t { kWaiting, kNull, kLeaf, kObject, kList };

  Slot* parent = nullptr;
  PlannedField* field = nullptr;  ///< of an item: the field that gives the list
  Type type;
  uint32_t index = 0;             ///< of an item
  bool is_item = false;
  State state = State::kWaiting;
  json::value leaf;
  std::vector<Slot*> children;    ///< in the order of the response

  /// Whether its value still counts: nothing around it has become null.
  bool alive() const;
  Path path() const;
};

/// All slots of a response; they keep their addresses.
class Slots {
 public:
  Slot& root() { return root_; }
  Slot& Add(Slot& parent, PlannedField& field, Type type) {
    Slot& slot = slots_.emplace_back();
    slot.parent = &parent;
    slot.field = &field;
    slot.type = type;
    parent.children.push_back(&slot);
    return slot;
  }
  size_t size() const { return slots_.size(); }
  std::deque<Slot>& all() { return slots_; }

  /// Makes the slot null, or what is around it where it must not be. Spec: section 6.4.4.
  void SetNull(Slot& slot);

 private:
  Slot root_;
  std::deque<Slot> slots_;
};

/// The response as JSON: errors first, then data.
std::string WriteResponse(const std::vector<Problem>& problems, const Slot& root);

}  // namespace trackwire::graphql
