#include "formats/xml_text.h"

namespace trackwire::formats {
namespace {

constexpr const char* kReplacement = "\xef\xbf\xbd";

}  // namespace

void AppendXmlText(std::string& out, std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    switch (c) {
      case '&':
        out += "&amp;";
        continue;
      case '<':
        out += "&lt;";
        continue;
      case '>':
        out += "&gt;";
        continue;
      case '"':
        out += "&quot;";
        continue;
      // As they are, a parser would make other white space of them.
      case '\r':
        out += "&#13;";
        continue;
      case '\n':
        out += "&#10;";
        continue;
      case '\t':
        out += "&#9;";
        continue;
      default:
        break;
    }
    const std::string_view rest = text.substr(i, 3);
    if (rest == "\xef\xbf\xbe" || rest == "\xef\xbf\xbf") {
      out += kReplacement;
      i += 2;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += kReplacement;
    } else {
      out += c;
    }
  }
}

}  // namespace trackwire::formats
