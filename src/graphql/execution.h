#pragma once

#include <memory>
#include <string>
#include <vector>

#include "graphql/engine.h"
#include "graphql/plan.h"
#include "graphql/slot.h"

namespace trackwire::graphql {

/// Executes one operation. Spec: section 6.
///
/// Values that are there at once are worked on at once. When nothing is left to do but wait, the
/// loaders are told to ask for what they gathered; when nothing waits any more, the response is
/// done, or for a mutation its next field begins.
class OperationExecution final : public Execution {
 public:
  OperationExecution(const Engine& engine, Request request, std::shared_ptr<Context> context,
                     UniqueFunction<void(Response)> done);

  void Run() override;
  void Expire() override;
  /// Lets the loaders find this execution. Once, right after it was made.
  void JoinContext() { Join(*context_, weak_from_this()); }

 protected:
  void Together(const UniqueFunction<void()>& answer) override;

 private:
  using State = Slot::State;

  // Before the first field.
  bool Prepare();
  bool ChooseOperation();
  bool Refuse(std::vector<Problem> problems);
  bool Refuse(const char* code, std::string message);

  // execution_fields.cc
  void BeginObject(Slot& slot, const NamedType& type, const Source& source, PlannedSet& plan);
  void BeginField(Slot& slot, const NamedType& parent, const Source& source);
  void PrepareField(PlannedField& field);
  void Complete(Slot& slot, Resolved value);
  void CompleteList(Slot& slot, Resolved::List list);
  void CompleteLeaf(Slot& slot, const json::value& value);
  void CompleteObject(Slot& slot, const Resolved::Object& object);
  void Fail(Slot& slot, const Failure& failure);
  void FailOurs(Slot& slot, const std::string& what);
  bool MayGrow();

  void BeginNextRoot();
  void Arrive(Slot& slot, Resolved value);
  /// Runs what may make values come, then goes on as far as possible.
  template <typename Work>
  void Turn(const Work& work);
  void GoOn();
  bool FlushLoaders();
  void Finish();
  void End(Response response);

  const Engine& engine_;
  const Request request_;
  std::shared_ptr<Context> context_;
  UniqueFunction<void(Response)> done_;

  ast::Document document_;
  const ast::Operation* operation_ = nullptr;
  Values variables_;
  std::optional<Planner> planner_;
  std::unique_ptr<PlannedSet> root_plan_;
  Slots slots_;
  std::vector<Problem> problems_;
  size_t next_root_ = 0;  ///< of a mutation
  size_t waiting_ = 0;    ///< replies that have not come
  uint32_t turns_ = 0;    ///< of Turn() in one another
  bool too_large_ = false;
  bool ended_ = false;
};

}  // namespace trackwire::graphql
