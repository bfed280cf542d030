#include "gateway/version.h"

namespace trackwire::gateway {

const char* Version() { return TRACKWIRE_VERSION; }

}  // namespace trackwire::gateway
