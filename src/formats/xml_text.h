#pragma once

#include <string>
#include <string_view>

namespace trackwire::formats {

/// Appends UTF-8 text so that an XML parser gives it back, in an element or a quoted attribute.
/// What XML 1.0 cannot carry at all (control characters, U+FFFE, U+FFFF) becomes U+FFFD.
void AppendXmlText(std::string& out, std::string_view text);

}  // namespace trackwire::formats
