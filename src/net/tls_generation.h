#pragma once

#include "net/tls_certificate.h"
#include "net/tls_context.h"
#include "net/tls_handles.h"
#include "net/tls_tickets.h"

namespace trackwire::net {

/// Constant, but for the tickets' keys. Its connections keep it alive.
struct TlsContext::Generation {
  explicit Generation(const Clock& clock) : tickets(clock) {}

  TlsTickets tickets;
  TlsHandle<SSL_CTX> context;
  TlsCertificateInfo info;
  std::string identity;
};

}  // namespace trackwire::net
