#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace trackwire::formats {

/// Takes an XML document piece by piece and tells of its elements, in bounded memory.
///
/// Refuses document types, and with them entities of its own. UTF-8, UTF-16, ISO-8859-1 and ASCII;
/// texts come as UTF-8. Errors: `bad_xml` with the line, `forbidden_doctype`, `too_deep`,
/// `too_large` (one tag, text or comment), and what the handler refuses.
class XmlScanner {
 public:
  struct Limits {
    size_t max_depth = 32;
    size_t max_attributes = 64;
    size_t max_token_bytes = 65'536;  ///< of a tag with its attributes, a comment or the like
    size_t max_text_bytes = 65'536;   ///< within one element, from its last tag on
  };
  /// An element's name in two parts; `space` is the namespace, empty for none.
  struct Name {
    std::string_view space;
    std::string_view local;
  };
  class Attributes {
   public:
    explicit Attributes(const char** raw) : raw_(raw) {}
    /// The value of the attribute without a namespace, or nullptr.
    const char* Find(std::string_view local) const;
    size_t count() const;

   private:
    const char** raw_;
  };
  class Handler {
   public:
    virtual ~Handler() = default;
    virtual Result<void> OnOpen(const Name& name, const Attributes& attributes) = 0;
    /// `text`: what stood in it since its last tag.
    virtual void OnClose(std::string_view text) = 0;
  };

  /// `handler` outlives the scanner.
  XmlScanner(Handler& handler, const Limits& limits);
  ~XmlScanner();
  XmlScanner(const XmlScanner&) = delete;
  XmlScanner& operator=(const XmlScanner&) = delete;

  Result<void> Feed(std::string_view bytes);
  Result<void> Finish();
  /// Where it is, from 1.
  uint64_t line() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace trackwire::formats
