#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace trackwire::store {

/// An empty database of its own, which can be opened again and by several at a time.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::string url() const = 0;
};

struct BackendKind {
  const char* name;
  std::unique_ptr<Backend> (*make)();
};

/// What keeps the promises of the store's interfaces: the contract suites run on each of them.
std::vector<BackendKind> Backends();

inline std::string BackendName(const testing::TestParamInfo<BackendKind>& info) {
  return info.param.name;
}

}  // namespace trackwire::store
