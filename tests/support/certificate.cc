#include "tests/support/certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>

#include "base/check.h"

namespace trackwire::test {
namespace {

void AddExtension(X509* certificate, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  CHECK(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace

void WriteCertificate(const std::string& certificate_file, const std::string& key_file,
                      const CertificateOptions& options) {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(
      options.rsa_bits == 0 ? EVP_EC_gen("P-256")
                            : EVP_RSA_gen(static_cast<unsigned>(options.rsa_bits)),
      EVP_PKEY_free);
  const std::unique_ptr<X509, void (*)(X509*)> certificate(X509_new(), X509_free);
  CHECK(key && certificate);
  X509* x509 = certificate.get();
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), options.valid_from_s);
  X509_gmtime_adj(X509_getm_notAfter(x509), options.valid_until_s);
  X509_set_pubkey(x509, key.get());
  X509_NAME* name = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(options.common_name.c_str()),
                             -1, -1, 0);
  X509_set_issuer_name(x509, name);
  AddExtension(x509, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(x509, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
  CHECK(X509_sign(x509, key.get(), EVP_sha256()) > 0);

  const auto write = [](const std::string& path, const auto& put) {
    std::FILE* file = std::fopen(path.c_str(), "w");
    CHECK(file != nullptr);
    CHECK(put(file) == 1);
    CHECK(std::fclose(file) == 0);
  };
  write(certificate_file, [&](std::FILE* file) { return PEM_write_X509(file, x509); });
  write(key_file, [&](std::FILE* file) {
    const std::string& phrase = options.passphrase;
    return PEM_write_PrivateKey(file, key.get(), phrase.empty() ? nullptr : EVP_aes_256_cbc(),
                                reinterpret_cast<const unsigned char*>(phrase.data()),
                                static_cast<int>(phrase.size()), nullptr, nullptr);
  });
}

}  // namespace trackwire::test
