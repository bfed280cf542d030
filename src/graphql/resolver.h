#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/check.h"
#include "base/unique_function.h"
#include "graphql/context.h"
#include "graphql/schema.h"
#include "graphql/values.h"

namespace trackwire::graphql {

/// Why a field has no value: a stable code and a sentence for the client.
struct Failure {
  std::string code;
  std::string message;
};

/// An object that fields are resolved of: any C++ value, remembered with its type.
class Source {
 public:
  Source() = default;
  template <typename T>
  explicit Source(std::shared_ptr<const T> object)
      : object_(std::move(object)), tag_(&kTag<T>) {}

  /// Its value; asking for another type than was put in is a mistake of ours.
  template <typename T>
  std::shared_ptr<const T> Share() const {
    CHECK(tag_ == &kTag<T>);
    return std::static_pointer_cast<const T>(object_);
  }
  template <typename T>
  const T& Get() const {
    CHECK(tag_ == &kTag<T>);
    return *static_cast<const T*>(object_.get());
  }

 private:
  template <typename T>
  static inline const char kTag = 0;

  std::shared_ptr<const void> object_;
  const void* tag_ = nullptr;
};

/// What a resolver gives for a field: nothing, a leaf, an object, a list of these, or a failure.
class Resolved {
 public:
  using List = std::vector<Resolved>;
  struct Object {
    Source source;
    std::string_view type;  ///< needed where the field's type is an interface or union
  };

  Resolved() = default;  ///< null
  Resolved(Failure failure) : value_(std::move(failure)) {}  // NOLINT
  Resolved(List list) : value_(std::move(list)) {}           // NOLINT
  Resolved(json::value leaf) : value_(std::move(leaf)) {}    // NOLINT
  Resolved(std::string_view text) : value_(json::value(json::string(text))) {}  // NOLINT
  Resolved(const std::string& text) : Resolved(std::string_view(text)) {}       // NOLINT
  Resolved(const char* text) : Resolved(std::string_view(text)) {}              // NOLINT
  template <typename T>
  Resolved(const std::optional<T>& value) {  // NOLINT
    if (value) *this = Resolved(*value);
  }
  Resolved(bool value) : value_(json::value(value)) {}     // NOLINT
  Resolved(int value) : value_(json::value(value)) {}      // NOLINT
  Resolved(int64_t value) : value_(json::value(value)) {}  // NOLINT
  Resolved(double value) : value_(json::value(value)) {}   // NOLINT

  /// `type` lives as long as the schema, as literals do.
  template <typename T>
  static Resolved Of(std::shared_ptr<const T> object, std::string_view type = {}) {
    Resolved out;
    if (object != nullptr) out.value_ = Object{Source(std::move(object)), type};
    return out;
  }
  template <typename T>
  static Resolved Of(T object, std::string_view type = {}) {
    return Of(std::make_shared<const T>(std::move(object)), type);
  }
  /// One that outlives the request.
  template <typename T>
  static Resolved Borrow(const T& object) {
    return Of(std::shared_ptr<const T>(std::shared_ptr<void>(), &object));
  }
  /// A list of texts.
  static Resolved Texts(const std::vector<std::string>& texts);

 private:
  friend class Execution;
  std::variant<std::monostate, json::value, Object, List, Failure> value_;
};

/// One field that is to be resolved. Valid during the call of the resolver.
class Call {
 public:
  Call(const Field& field, const Source& parent, const Values& arguments, Context& context)
      : field_(field), parent_(parent), arguments_(arguments), context_(context) {}

  const Field& field() const { return field_; }
  template <typename T>
  const T& parent() const {
    return parent_.Get<T>();
  }
  template <typename T>
  std::shared_ptr<const T> share_parent() const {
    return parent_.Share<T>();
  }
  /// The caller's own context of the request.
  template <typename T>
  T& context() const {
    return static_cast<T&>(context_);
  }

  const Values& arguments() const { return arguments_; }
  /// An argument that was given and is not null.
  const json::value* Find(std::string_view name) const;
  std::optional<std::string> Text(std::string_view name) const;
  std::optional<int64_t> Integer(std::string_view name) const;
  std::optional<double> Number(std::string_view name) const;
  /// False unless given.
  bool Flag(std::string_view name) const;

 private:
  const Field& field_;
  const Source& parent_;
  const Values& arguments_;
  Context& context_;
};

/// Takes a field's value later. Call it once, on the thread of the execution; what comes after its
/// end or deadline is forgotten. One that is dropped leaves the field to the deadline; dropping is
/// allowed on any thread.
using Reply = UniqueFunction<void(Resolved)>;

/// What gives the fields their values. Both kinds must not block.
using Get = std::function<Resolved(const Call&)>;
using Ask = std::function<void(const Call&, Reply)>;

/// The resolvers and scalars for a schema, by the names in its text.
class Bindings {
 public:
  using Resolver = std::variant<std::monostate, Get, Ask>;

  Bindings& Field(std::string type, std::string field, Get get);
  Bindings& AsyncField(std::string type, std::string field, Ask ask);
  /// A field that looks at its object alone.
  template <typename T, typename F>
  Bindings& Member(std::string type, std::string field, F get) {
    return Field(std::move(type), std::move(field),
                 [get](const Call& call) -> Resolved { return get(call.parent<T>()); });
  }
  Bindings& Scalar(std::string name, graphql::Scalar scalar);

  const std::map<std::pair<std::string, std::string>, Resolver>& fields() const { return fields_; }
  const Scalars& scalars() const { return scalars_; }

 private:
  std::map<std::pair<std::string, std::string>, Resolver> fields_;
  Scalars scalars_;
};

}  // namespace trackwire::graphql
