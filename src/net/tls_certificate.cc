#include "net/tls_certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <optional>

#include "base/text.h"

namespace trackwire::net {
namespace {

using std::chrono::hours;

constexpr size_t kMaxFileBytes = 1'000'000;
constexpr hours kSoon = hours(14 * 24);

Result<std::string> ReadPem(const std::string& path, const char* what) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"),
                                                             &std::fclose);
  const auto unreadable = [&] {
    return Err("tls_file", std::string("cannot read the ") + what + " " + path + ": " +
                               std::strerror(errno));
  };
  if (file == nullptr) return unreadable();
  std::string text;
  char piece[8192];
  size_t got = 0;
  while ((got = std::fread(piece, 1, sizeof(piece), file.get())) > 0) {
    text.append(piece, got);
    if (text.size() > kMaxFileBytes) {
      return Err("tls_file",
                 std::string("the ") + what + " " + path + " is no PEM file: too large");
    }
  }
  if (std::ferror(file.get()) != 0) return unreadable();
  return text;
}

TlsHandle<BIO> Over(const std::string& text) {
  return TlsHandle<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// Nobody is asked for a passphrase; only noted that there is one.
int NotePassphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

WallTime FromAsn1(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return WallTime{};
  return WallTime(std::chrono::seconds(::timegm(&parts)));
}

std::string TextOf(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

std::string SubjectOf(X509* certificate) {
  const TlsHandle<BIO> out(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(out.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  return TextOf(out.get());
}

std::string NamesOf(X509* certificate) {
  const int at = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1);
  if (at < 0) return {};
  const TlsHandle<BIO> out(BIO_new(BIO_s_mem()));
  X509V3_EXT_print(out.get(), X509_get_ext(certificate, at), 0, 0);
  return TextOf(out.get());
}

std::string FingerprintOf(X509* certificate) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  X509_digest(certificate, EVP_sha256(), digest, &size);
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    constexpr const char* kDigits = "0123456789abcdef";
    text += kDigits[digest[i] >> 4];
    text += kDigits[digest[i] & 15];
  }
  return text;
}

Result<std::vector<TlsHandle<X509>>> ReadChain(const std::string& path) {
  auto text = ReadPem(path, "certificate");
  if (!text) return Err(std::move(text.error()));
  const TlsHandle<BIO> bio = Over(*text);
  std::vector<TlsHandle<X509>> chain;
  while (TlsHandle<X509> next{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
    chain.push_back(std::move(next));
  }
  // It ends by finding no further beginning; anything else is a broken one.
  const bool whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (chain.empty() || !whole) {
    return Err("tls_certificate", path + (chain.empty()
                                              ? " holds no certificate in PEM form"
                                              : " holds a certificate that is not valid PEM"));
  }
  return chain;
}

Result<TlsHandle<EVP_PKEY>> ReadKey(const std::string& path) {
  auto text = ReadPem(path, "key");
  if (!text) return Err(std::move(text.error()));
  const TlsHandle<BIO> bio = Over(*text);
  bool passphrase = false;
  TlsHandle<EVP_PKEY> key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, &NotePassphrase, &passphrase));
  OPENSSL_cleanse(text->data(), text->size());
  if (key != nullptr) return key;
  if (passphrase) {
    return Err("tls_key", "the key " + path +
                              " is behind a passphrase, and nobody is there to type it: write it "
                              "without one, readable by the server alone (openssl pkey)");
  }
  return Err("tls_key", path + " holds no private key in PEM form");
}

}  // namespace

Result<TlsCertificate> LoadTlsCertificate(const TlsFiles& files) {
  const TlsErrors errors;
  auto chain = ReadChain(files.certificate);
  if (!chain) return Err(std::move(chain.error()));
  auto key = ReadKey(files.key);
  if (!key) return Err(std::move(key.error()));
  TlsCertificate made;
  made.leaf = std::move(chain->front());
  chain->erase(chain->begin());
  made.chain = std::move(*chain);
  made.key = std::move(*key);
  if (X509_check_private_key(made.leaf.get(), made.key.get()) != 1) {
    return Err("tls_key", "the key " + files.key + " is not that of the first certificate in " +
                              files.certificate);
  }
  X509* leaf = made.leaf.get();
  made.info.subject = SubjectOf(leaf);
  made.info.names = NamesOf(leaf);
  made.info.fingerprint = made.identity = FingerprintOf(leaf);
  for (const auto& next : made.chain) made.identity += " " + FingerprintOf(next.get());
  made.info.not_before = FromAsn1(X509_get0_notBefore(leaf));
  made.info.not_after = FromAsn1(X509_get0_notAfter(leaf));
  return made;
}

std::vector<std::string> TlsWarnings(const TlsCertificateInfo& info, const TlsFiles& files,
                                     WallTime now) {
  std::vector<std::string> warnings;
  const std::string whose = "the certificate " + files.certificate;
  if (now < info.not_before) {
    warnings.push_back(whose + " is not valid before " + base::FormatTime(info.not_before));
  }
  if (now >= info.not_after) {
    warnings.push_back(whose + " has expired at " + base::FormatTime(info.not_after));
  } else if (now + kSoon >= info.not_after) {
    warnings.push_back(whose + " expires soon, at " + base::FormatTime(info.not_after));
  }
  struct stat about {};
  if (::stat(files.key.c_str(), &about) == 0 && (about.st_mode & S_IROTH) != 0) {
    warnings.push_back("everybody on this machine may read the key " + files.key);
  }
  return warnings;
}

}  // namespace trackwire::net
