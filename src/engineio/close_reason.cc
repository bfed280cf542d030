#include "engineio/close_reason.h"

namespace trackwire::engineio {

const char* ToString(CloseReason reason) {
  switch (reason) {
    case CloseReason::kTransportError:
      return "transport error";
    case CloseReason::kTransportClose:
      return "transport close";
    case CloseReason::kForcedClose:
      return "forced close";
    case CloseReason::kPingTimeout:
      return "ping timeout";
    case CloseReason::kParseError:
      return "parse error";
    case CloseReason::kServerShuttingDown:
      return "server shutting down";
  }
  return "";
}

}  // namespace trackwire::engineio
