#pragma once

#include <string>

namespace trackwire::gateway {

/// The directory the running program lies in.
std::string ProgramDirectory();

/// Where the web page's files are: beside the program, or where a package puts them; empty when
/// they are not installed.
std::string FindWebRoot();

/// The Socket.IO client for browsers: beside the program, or where a package puts it; empty when it
/// is not there.
std::string FindClientFiles();

/// The offline index of addresses: beside the program, or where a package puts it; empty when it is
/// not there.
std::string FindGeocodingIndex();

/// A file that is shipped under data/: beside the program, in the source tree it was built in, or
/// where a package puts it; empty when it is not there.
std::string FindShippedData(const std::string& name);

}  // namespace trackwire::gateway
