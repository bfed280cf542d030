#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>

namespace trackwire::net {

/// Frees what OpenSSL hands out.
struct TlsFree {
  void operator()(BIO* p) const { BIO_free(p); }
  void operator()(BIO_METHOD* p) const { BIO_meth_free(p); }
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(SSL* p) const { SSL_free(p); }
  void operator()(SSL_CTX* p) const { SSL_CTX_free(p); }
  void operator()(X509* p) const { X509_free(p); }
};
template <typename T>
using TlsHandle = std::unique_ptr<T, TlsFree>;

/// Empties this thread's queue of errors before and after some work with OpenSSL, which tells by it
/// what went wrong.
class TlsErrors {
 public:
  TlsErrors() { ERR_clear_error(); }
  ~TlsErrors() { ERR_clear_error(); }
  TlsErrors(const TlsErrors&) = delete;
  TlsErrors& operator=(const TlsErrors&) = delete;
};

}  // namespace trackwire::net
