#pragma once

#include <memory>
#include <vector>

#include "base/unique_function.h"

namespace trackwire::graphql {

class Execution;

/// Gathers what the fields of one level ask for. See Loader.
class LoaderBase {
 public:
  virtual ~LoaderBase() = default;
  /// Asks for what is gathered; false when that is nothing.
  virtual bool Flush() = 0;
  /// Forgets values that came: something may have changed.
  virtual void Forget() = 0;
};

/// What resolvers of one request share: derive from it. Belongs to the execution's thread and ends
/// with the execution.
class Context {
 public:
  virtual ~Context() = default;

  /// The loader ends with the context.
  void Add(LoaderBase* loader) { loaders_.push_back(loader); }
  /// Runs what answers several fields; only then is asked for what these need in turn.
  void Together(const UniqueFunction<void()>& answer) const;

 private:
  friend class Execution;

  std::vector<LoaderBase*> loaders_;
  std::weak_ptr<Execution> execution_;
};

}  // namespace trackwire::graphql
