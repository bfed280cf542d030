#pragma once

#include "graphql/engine.h"
#include "tests/graphql/animals.h"

namespace trackwire::graphql::testing {

/// A value that fits a type: two items in a list, the first possible object, something for leaves.
inline Resolved Sample(Type type) {
  type = type.Nullable();
  if (type.wraps.list()) {
    return Resolved::List{Sample(type.Inner()), Sample(type.Inner())};
  }
  const NamedType& named = *type.named;
  if (named.is_composite()) {
    return Resolved::Of(0, named.is_abstract() ? named.possible.front()->name : named.name);
  }
  if (named.kind == TypeKind::kEnum) return named.values.front().name;
  if (named.name == "Int") return 7;
  if (named.name == "Float") return 1.5;
  if (named.name == "Boolean") return true;
  return "text";
}

/// An engine whose fields have sample values.
inline std::unique_ptr<Engine> MockEngine(const std::string& text, Scalars scalars,
                                          EngineOptions options = {}) {
  auto schema = Schema::Build(text, scalars);
  CHECK(schema);
  Bindings bindings;
  for (const auto& type : (*schema)->types()) {
    if (type->kind != TypeKind::kObject || type->name.starts_with("__")) continue;
    for (const graphql::Field& field : type->fields) {
      bindings.Field(std::string(type->name), std::string(field.name),
                     [](const Call& call) { return Sample(call.field().type); });
    }
  }
  for (auto& [name, scalar] : scalars) bindings.Scalar(name, scalar);
  auto engine = Engine::Make(text, std::move(bindings), std::move(options));
  CHECK(engine);
  return std::move(*engine);
}

/// The schema of animals without subscriptions, which engines refuse.
inline std::string ServedAnimals() {
  std::string text = kAnimals;
  const std::string news = " subscription: News";
  text.erase(text.find(news), news.size());
  return text;
}

/// Runs a request that needs no waiting; an empty text when it does wait.
inline Response Answer(const Engine& engine, Request request) {
  Response out;
  auto execution = engine.Prepare(std::move(request), std::make_shared<Context>(),
                                  [&out](Response response) { out = std::move(response); });
  execution->Run();
  return out;
}

inline std::string Answer(const Engine& engine, const std::string& query) {
  Request request;
  request.query = query;
  return Answer(engine, std::move(request)).body;
}

}  // namespace trackwire::graphql::testing
