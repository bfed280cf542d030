#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "socketio/socket.h"
#include "socketio/values.h"

namespace trackwire::socketio {

/// Writes the arguments of an event or an acknowledgement, one after the other, and numbers the
/// attachments among them.
///
/// Codecs of own types write with it:
///
///     out.BeginObject();
///     out.Member("name", user.name);
///     out.Member("photo", socketio::Bytes(user.photo));
///     out.EndObject();
///
/// Commas come by themselves. Brackets that do not match, and a codec that writes no value or two,
/// are the program's mistakes and stop it. Thread-compatible.
class ArgsWriter {
 public:
  ArgsWriter() = default;

  /// By the type's codec.
  template <typename T>
  void Write(const T& value) {
    const size_t depth = begun_.size();
    const size_t values = begun_.back() + (after_key_ ? 0 : 1);
    Codec<T>::Write(value, *this);
    CheckWritten(depth, values);
  }
  /// Arguments that are written already: all of them, from none to many.
  void Write(const Args& args);

  void BeginArray() { Begin('['); }
  void EndArray() { End(']'); }
  void BeginObject() { Begin('{'); }
  /// The value follows.
  void Key(std::string_view name);
  template <typename T>
  void Member(std::string_view name, const T& value) {
    Key(name);
    Write(value);
  }
  void EndObject() { End('}'); }

  void Null() { Token("null"); }
  void Bool(bool value) { Token(value ? "true" : "false"); }
  /// Beyond 2^53 JavaScript reads the nearest double.
  void Integer(int64_t value);
  void Unsigned(uint64_t value);
  /// What is not finite becomes null, as in JavaScript.
  void Number(double value);
  /// Bytes that are no UTF-8 become U+FFFD, since no client could read them.
  void Text(std::string_view text);
  void Binary(Bytes bytes);
  void Raw(const Json& json);

  /// What was written; the writer is done.
  Args Take() &&;

 private:
  void StartValue();
  void Token(std::string_view token);
  void Begin(char bracket);
  void End(char bracket);
  /// That as many values have begun here, and that all are complete.
  void CheckWritten(size_t depth, size_t values) const;

  Args args_;
  /// How many values have begun in each array or object around, the arguments themselves first.
  std::vector<size_t> begun_{0};
  bool after_key_ = false;
};

}  // namespace trackwire::socketio
