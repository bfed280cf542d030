#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace trackwire {

template <typename Signature>
class UniqueFunction;

/// A callable that is moved, never copied, so that it may own what it works on.
/// Calling an empty one is undefined. Thread-compatible.
template <typename R, typename... Args>
class UniqueFunction<R(Args...)> {
 public:
  UniqueFunction() = default;
  UniqueFunction(std::nullptr_t) {}  // NOLINT

  template <typename F, typename = std::enable_if_t<
                            !std::is_same_v<std::decay_t<F>, UniqueFunction> &&
                            std::is_invocable_r_v<R, std::decay_t<F>&, Args...>>>
  UniqueFunction(F&& f)  // NOLINT
      : callable_(std::make_unique<Model<std::decay_t<F>>>(std::forward<F>(f))) {}

  R operator()(Args... args) const { return callable_->Call(std::forward<Args>(args)...); }
  explicit operator bool() const { return callable_ != nullptr; }

 private:
  struct Concept {
    virtual ~Concept() = default;
    virtual R Call(Args... args) = 0;
  };
  template <typename F>
  struct Model final : Concept {
    template <typename G>
    explicit Model(G&& g) : f(std::forward<G>(g)) {}
    R Call(Args... args) override { return f(std::forward<Args>(args)...); }
    F f;
  };

  std::unique_ptr<Concept> callable_;
};

}  // namespace trackwire
