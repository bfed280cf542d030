#include "formats/xml_scanner.h"

#include <expat.h>

#include <algorithm>
#include <optional>

#include "base/check.h"

namespace trackwire::formats {
namespace {

constexpr char kSeparator = '\n';  // cannot stand in a namespace or name
constexpr size_t kPieceBytes = 16'384;

XmlScanner::Name Split(std::string_view name) {
  const size_t at = name.rfind(kSeparator);
  if (at == name.npos) return {{}, name};
  return {name.substr(0, at), name.substr(at + 1)};
}

}  // namespace

const char* XmlScanner::Attributes::Find(std::string_view local) const {
  for (const char** at = raw_; *at != nullptr; at += 2) {
    if (local == *at) return at[1];
  }
  return nullptr;
}

size_t XmlScanner::Attributes::count() const {
  size_t count = 0;
  for (const char** at = raw_; *at != nullptr; at += 2) ++count;
  return count;
}

struct XmlScanner::Impl {
  Impl(Handler& its_handler, const Limits& its_limits) : handler(its_handler), limits(its_limits) {
    parser = XML_ParserCreateNS(nullptr, kSeparator);
    CHECK(parser != nullptr);
    XML_SetUserData(parser, this);
    XML_SetElementHandler(parser, OnStart, OnEnd);
    XML_SetCharacterDataHandler(parser, OnText);
    XML_SetStartDoctypeDeclHandler(parser, OnDoctype);
  }
  ~Impl() { XML_ParserFree(parser); }

  static void OnStart(void* self, const char* name, const char** attributes) {
    static_cast<Impl*>(self)->Open(name, Attributes(attributes));
  }
  static void OnEnd(void* self, const char*) {
    Impl& impl = *static_cast<Impl*>(self);
    if (impl.failed) return;
    --impl.depth;
    impl.handler.OnClose(impl.text);
    impl.text.clear();
  }
  static void OnText(void* self, const char* bytes, int size) {
    Impl& impl = *static_cast<Impl*>(self);
    if (impl.failed) return;
    if (impl.text.size() + static_cast<size_t>(size) > impl.limits.max_text_bytes) {
      return impl.Fail({"too_large", "a text is too long"});
    }
    impl.text.append(bytes, static_cast<size_t>(size));
  }
  static void OnDoctype(void* self, const char*, const char*, const char*, int) {
    static_cast<Impl*>(self)->Fail({"forbidden_doctype", "a document type is not allowed"});
  }

  void Open(const char* name, const Attributes& attributes) {
    if (failed) return;
    if (++depth > limits.max_depth) return Fail({"too_deep", "elements are nested too deep"});
    if (attributes.count() > limits.max_attributes) {
      return Fail({"too_large", "an element has too many attributes"});
    }
    text.clear();
    if (auto done = handler.OnOpen(Split(name), attributes); !done) Fail(std::move(done.error()));
  }
  void Fail(Error error) {
    failed = std::move(error);
    XML_StopParser(parser, XML_FALSE);
  }
  std::string Line() const { return "line " + std::to_string(XML_GetCurrentLineNumber(parser)); }

  Result<void> Parse(std::string_view bytes, bool last) {
    if (failed) return Err(*failed);
    fed += bytes.size();
    const auto status = XML_Parse(parser, bytes.data(), static_cast<int>(bytes.size()), last);
    if (!failed && status != XML_STATUS_OK) {
      failed = Error{"bad_xml", XML_ErrorString(XML_GetErrorCode(parser))};
    }
    if (failed) {
      failed->detail = Line() + ": " + failed->detail;
      return Err(*failed);
    }
    // What began and has not ended waits in the parser.
    const auto at = XML_GetCurrentByteIndex(parser);
    if (!last && at >= 0 &&
        fed - static_cast<uint64_t>(at) > limits.max_token_bytes + kPieceBytes) {
      failed = Error{"too_large", Line() + ": a tag or comment is too long"};
      return Err(*failed);
    }
    return Ok();
  }

  Handler& handler;
  const Limits limits;
  XML_Parser parser = nullptr;
  size_t depth = 0;
  uint64_t fed = 0;
  std::string text;
  std::optional<Error> failed;
};

XmlScanner::XmlScanner(Handler& handler, const Limits& limits)
    : impl_(std::make_unique<Impl>(handler, limits)) {}
XmlScanner::~XmlScanner() = default;

Result<void> XmlScanner::Feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kPieceBytes);
    bytes.remove_prefix(piece.size());
    if (auto done = impl_->Parse(piece, false); !done) return done;
  }
  return Ok();
}

Result<void> XmlScanner::Finish() { return impl_->Parse({}, true); }

uint64_t XmlScanner::line() const { return XML_GetCurrentLineNumber(impl_->parser); }

}  // namespace trackwire::formats
