#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_function.h"
#include "graphql/resolver.h"
#include "graphql/validation.h"

namespace trackwire::graphql {

/// What a client asks. Spec: section 6.1.
struct Request {
  std::string query;
  std::string operation;   ///< name of the one to run; empty: the only one
  json::object variables;
  bool read_only = false;  ///< refuses mutations
};

struct Response {
  enum class Kind : uint8_t {
    kExecuted,    ///< has data, perhaps null, perhaps beside errors
    kRefused,     ///< nothing was executed: errors alone
    kNotAllowed,  ///< a mutation in a request that is read_only
  };
  Kind kind = Kind::kExecuted;
  std::string body;  ///< JSON. Spec: section 7
};

/// `{"errors":[...]}`: a response of a request that was not executed.
std::string ErrorBody(const std::vector<Problem>& problems);

struct EngineOptions {
  Limits limits;
  /// Whether the caller may have a field: asked once a request and field of the document, before
  /// the first resolver of it. A failure stands in place of each value.
  std::function<std::optional<Failure>(const Field& field, Context& context)> authorise;
};

class Engine;

/// One request under way. It belongs to one thread, and to its maker until `done` was called.
class Execution : public std::enable_shared_from_this<Execution> {
 public:
  virtual ~Execution() = default;

  /// Begins; `done` may be called before this returns.
  virtual void Run() = 0;
  /// Time is up: what has no value yet fails with kDeadline and `done` is called.
  virtual void Expire() = 0;

 protected:
  friend class Context;
  /// Runs `answer`, then whatever can go on because of it.
  virtual void Together(const UniqueFunction<void()>& answer) = 0;

  // What Context and Resolved keep to themselves, for the implementation.
  static void Join(Context& context, std::weak_ptr<Execution> execution) {
    context.execution_ = std::move(execution);
  }
  static const std::vector<LoaderBase*>& LoadersOf(const Context& context) {
    return context.loaders_;
  }
  using ResolvedValue =
      std::variant<std::monostate, json::value, Resolved::Object, Resolved::List, Failure>;
  static ResolvedValue& ValueOf(Resolved& resolved) { return resolved.value_; }
};

/// A schema with all that gives it values. Constant: any thread runs executions of its own.
class Engine {
 public:
  /// Fails unless each field of each object type has a resolver and each resolver a field, likewise
  /// scalars; with a type for subscriptions too, which are not served.
  static Result<std::unique_ptr<Engine>, std::vector<Problem>> Make(std::string schema,
                                                                    Bindings bindings,
                                                                    EngineOptions options = {});

  /// Parses, validates and, after Run(), executes. The engine outlives the execution; `done` is
  /// called once, unless the execution is dropped before.
  std::shared_ptr<Execution> Prepare(Request request, std::shared_ptr<Context> context,
                                     UniqueFunction<void(Response)> done) const;

  const Schema& schema() const { return *schema_; }
  const EngineOptions& options() const { return options_; }
  const Bindings::Resolver& ResolverOf(const Field& field) const {
    return resolvers_[field.index];
  }

 private:
  Engine() = default;

  std::shared_ptr<const Schema> schema_;
  std::vector<Bindings::Resolver> resolvers_;  ///< by Field::index
  EngineOptions options_;
};

/// The resolvers of introspection for a schema that outlives them. Spec: section 4.
void BindIntrospection(const Schema& schema, Bindings& bindings);

}  // namespace trackwire::graphql
