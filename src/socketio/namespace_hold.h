#pragma once

#include <memory>

namespace trackwire::socketio {

struct NamespaceLife;

/// Keeps a namespace that was made for its clients from being taken away with the last of them
/// (Options::cleanup_empty_child_namespaces); for namespaces that always stay it is empty and costs
/// nothing. Any thread; to be given back before the server is destroyed.
class NamespaceHold {
 public:
  NamespaceHold() = default;
  explicit NamespaceHold(std::shared_ptr<NamespaceLife> life);
  NamespaceHold(const NamespaceHold& other) : NamespaceHold(other.life_) {}
  NamespaceHold(NamespaceHold&&) noexcept = default;
  NamespaceHold& operator=(NamespaceHold other) noexcept {
    std::swap(life_, other.life_);
    return *this;
  }
  ~NamespaceHold();

 private:
  std::shared_ptr<NamespaceLife> life_;
};

}  // namespace trackwire::socketio
