#include "graphql/execution.h"

#include "base/log.h"
#include "graphql/cost.h"

namespace trackwire::graphql {

OperationExecution::OperationExecution(const Engine& engine, Request request,
                                       std::shared_ptr<Context> context,
                                       UniqueFunction<void(Response)> done)
    : engine_(engine),
      request_(std::move(request)),
      context_(std::move(context)),
      done_(std::move(done)) {}

bool OperationExecution::Refuse(std::vector<Problem> problems) {
  End({Response::Kind::kRefused, ErrorBody(problems)});
  return false;
}

bool OperationExecution::Refuse(const char* code, std::string message) {
  Problem problem;
  problem.code = code;
  problem.message = std::move(message);
  return Refuse({std::move(problem)});
}

bool OperationExecution::ChooseOperation() {
  const auto& operations = document_.operations;
  if (operations.empty()) return Refuse(codes::kOperation, "there is no operation to execute");
  if (request_.operation.empty()) {
    operation_ = &operations.front();
    if (operations.size() == 1) return true;
    return Refuse(codes::kOperation, "operationName must say which of the operations is meant");
  }
  for (const ast::Operation& operation : operations) {
    if (operation.name == request_.operation) operation_ = &operation;
  }
  if (operation_ != nullptr) return true;
  return Refuse(codes::kOperation, "there is no operation of the name that operationName says");
}

bool OperationExecution::Prepare() {
  const Limits& limits = engine_.options().limits;
  auto parsed = Parse(request_.query, limits.parse);
  if (!parsed) return Refuse({std::move(parsed.error())});
  document_ = std::move(*parsed);
  auto problems = Validate(engine_.schema(), document_, limits);
  if (!problems.empty()) return Refuse(std::move(problems));
  if (!ChooseOperation()) return false;
  if (request_.read_only && operation_->kind != OperationKind::kQuery) {
    Problem problem;
    problem.code = "mutation_not_allowed";
    problem.message = "a mutation needs a POST request";
    End({Response::Kind::kNotAllowed, ErrorBody({problem})});
    return false;
  }
  auto variables =
      CoerceVariables(engine_.schema(), document_, *operation_, request_.variables);
  if (!variables) return Refuse(std::move(variables.error()));
  variables_ = std::move(*variables);
  auto costly =
      CheckCost(engine_.schema(), document_, *operation_, variables_, limits.max_cost);
  if (costly) return Refuse({std::move(*costly)});
  return true;
}

void OperationExecution::Run() {
  const auto self = shared_from_this();
  if (!Prepare()) return;
  const NamedType& type = *engine_.schema().Root(operation_->kind);
  planner_.emplace(engine_.schema(), document_, variables_);
  root_plan_ = planner_->Plan(operation_->selections, type);
  slots_.root().state = State::kObject;
  slots_.root().type = {&type, {}};
  Turn([this, &type] {
    if (operation_->kind == OperationKind::kQuery) {
      return BeginObject(slots_.root(), type, {}, *root_plan_);
    }
    for (PlannedField& field : root_plan_->fields) {
      slots_.Add(slots_.root(), field, field.field->type);
    }
    BeginNextRoot();
  });
}

void OperationExecution::BeginNextRoot() {
  // The list is empty once a root field that must not be null is.
  const auto& roots = slots_.root().children;
  if (next_root_ >= roots.size()) return;
  BeginField(*roots[next_root_++], *engine_.schema().Root(operation_->kind), {});
}

template <typename Work>
void OperationExecution::Turn(const Work& work) {
  const auto self = shared_from_this();
  ++turns_;
  work();
  if (turns_ == 1) GoOn();
  --turns_;
}

void OperationExecution::GoOn() {
  while (!ended_) {
    if (too_large_) return Finish();
    if (FlushLoaders()) continue;
    if (waiting_ > 0) return;
    const bool more = operation_->kind == OperationKind::kMutation &&
                      next_root_ < slots_.root().children.size();
    if (!more) return Finish();
    // What was loaded may have been changed by the field before.
    for (LoaderBase* loader : LoadersOf(*context_)) loader->Forget();
    BeginNextRoot();
  }
}

bool OperationExecution::FlushLoaders() {
  bool flushed = false;
  for (LoaderBase* loader : LoadersOf(*context_)) {
    if (!ended_ && loader->Flush()) flushed = true;
  }
  return flushed;
}

void OperationExecution::Together(const UniqueFunction<void()>& answer) {
  if (!ended_) Turn(answer);
}

void OperationExecution::Arrive(Slot& slot, Resolved value) {
  if (ended_) return;
  --waiting_;
  Turn([&] {
    if (slot.state == State::kWaiting && slot.alive()) Complete(slot, std::move(value));
  });
}

void OperationExecution::Expire() {
  if (ended_) return;
  const auto self = shared_from_this();
  for (Slot& slot : slots_.all()) {
    if (slot.state != State::kWaiting || !slot.alive()) continue;
    Fail(slot, {codes::kDeadline, "there was not enough time for this field"});
  }
  Finish();
}

void OperationExecution::Finish() {
  if (too_large_) {
    Problem problem;
    problem.code = codes::kResultTooLarge;
    problem.message = "the response has more than " +
                      std::to_string(engine_.options().limits.max_result_values) + " values";
    problems_ = {std::move(problem)};
    slots_.root().state = State::kNull;
  }
  End({Response::Kind::kExecuted, WriteResponse(problems_, slots_.root())});
}

void OperationExecution::End(Response response) {
  ended_ = true;
  const auto done = std::move(done_);
  done(std::move(response));
}

void Context::Together(const UniqueFunction<void()>& answer) const {
  if (const auto execution = execution_.lock()) execution->Together(answer);
}

}  // namespace trackwire::graphql
