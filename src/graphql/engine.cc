#include "graphql/engine.h"

#include "graphql/execution.h"

namespace trackwire::graphql {
namespace {

void Complain(std::vector<Problem>& problems, std::string message) {
  Problem problem;
  problem.code = codes::kValidation;
  problem.message = std::move(message);
  problems.push_back(std::move(problem));
}

using Unbound = std::map<std::pair<std::string, std::string>, Bindings::Resolver>;

/// Gives each field of an object its resolver, which is taken out of `left`.
void Bind(const NamedType& type, Unbound& left, std::vector<Bindings::Resolver>& resolvers,
          std::vector<Problem>& problems) {
  for (const Field& field : type.fields) {
    if (field.name == "__typename") continue;
    const auto found = left.find({std::string(type.name), std::string(field.name)});
    if (found == left.end()) {
      Complain(problems, "the field " + std::string(type.name) + "." + std::string(field.name) +
                             " has no resolver");
      continue;
    }
    resolvers[field.index] = std::move(found->second);
    left.erase(found);
  }
}

}  // namespace

Result<std::unique_ptr<Engine>, std::vector<Problem>> Engine::Make(std::string schema,
                                                                   Bindings bindings,
                                                                   EngineOptions options) {
  auto built = Schema::Build(std::move(schema), bindings.scalars());
  if (!built) return Err(std::move(built.error()));
  std::unique_ptr<Engine> engine(new Engine);
  engine->schema_ = std::move(*built);
  engine->options_ = std::move(options);
  engine->resolvers_.resize(engine->schema_->field_count());
  std::vector<Problem> problems;
  if (engine->schema_->Root(OperationKind::kSubscription) != nullptr) {
    Complain(problems, "subscriptions are not served, but the schema has a type for them");
  }
  BindIntrospection(*engine->schema_, bindings);
  Unbound left = bindings.fields();
  for (const auto& type : engine->schema_->types()) {
    if (type->kind == TypeKind::kObject) Bind(*type, left, engine->resolvers_, problems);
  }
  Bind(engine->schema_->meta_type(), left, engine->resolvers_, problems);
  for (const auto& [name, resolver] : left) {
    Complain(problems, "there is no field " + name.first + "." + name.second + " to resolve");
  }
  for (const auto& [name, scalar] : bindings.scalars()) {
    const NamedType* type = engine->schema_->Find(name);
    if (type == nullptr || type->kind != TypeKind::kScalar) {
      Complain(problems, "there is no scalar " + name);
    }
  }
  if (!problems.empty()) return Err(std::move(problems));
  return engine;
}

std::shared_ptr<Execution> Engine::Prepare(Request request, std::shared_ptr<Context> context,
                                           UniqueFunction<void(Response)> done) const {
  auto execution = std::make_shared<OperationExecution>(*this, std::move(request),
                                                        std::move(context), std::move(done));
  execution->JoinContext();
  return execution;
}

}  // namespace trackwire::graphql
