#include "auth/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"

namespace trackwire::auth {
namespace {

constexpr size_t kSecretBytes = 48;
constexpr size_t kMaxFileBytes = 4'096;

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

std::string Reason(const std::string& path) { return path + ": " + std::strerror(errno); }

bool WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return ::fsync(fd) == 0;
}

// Written under another name first, then linked: link() fails when the name exists, so the first
// of several processes wins and nobody sees half a file.
Result<void> Create(const std::string& path) {
  const std::string temporary = path + ".new-" + base::Base64UrlEncode(base::RandomBytes(9));
  {
    const File file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (file.fd() < 0) return Err("secret_not_written", Reason(temporary));
    if (!WriteAll(file.fd(), base::Base64UrlEncode(base::RandomBytes(kSecretBytes)) + "\n")) {
      const std::string reason = Reason(temporary);
      ::unlink(temporary.c_str());
      return Err("secret_not_written", reason);
    }
  }
  const bool linked = ::link(temporary.c_str(), path.c_str()) == 0 || errno == EEXIST;
  const std::string reason = linked ? std::string() : Reason(path);
  ::unlink(temporary.c_str());
  if (!linked) return Err("secret_not_written", reason);
  return Ok();
}

}  // namespace

Result<std::string> LoadSecret(const std::string& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.fd() < 0) {
    if (errno == ELOOP) return Err("secret_unreadable", path + ": is a symbolic link, not a file");
    return Err(errno == ENOENT ? "secret_missing" : "secret_unreadable", Reason(path));
  }
  struct stat info {};
  if (::fstat(file.fd(), &info) != 0) return Err("secret_unreadable", Reason(path));
  // Who owns the file knows the secret, or may make it known.
  if (info.st_uid != ::geteuid() && info.st_uid != 0) {
    return Err("secret_permissions",
               path + ": belongs to somebody else; replace it by one of your own");
  }
  if ((info.st_mode & 077) != 0) {
    return Err("secret_permissions",
               path + ": others may read it; run `chmod 600` on it, and replace it if they did");
  }
  std::string text(kMaxFileBytes, '\0');
  const ssize_t got = ::read(file.fd(), text.data(), text.size());
  if (got < 0) return Err("secret_unreadable", Reason(path));
  text.resize(static_cast<size_t>(got));
  std::string secret(base::Trim(text));
  if (secret.empty()) return Err("secret_empty", path + ": there is no secret in it");
  return secret;
}

Result<std::string> LoadOrCreateSecret(const std::string& path) {
  auto existing = LoadSecret(path);
  if (existing || existing.error().code != "secret_missing") return existing;
  auto created = Create(path);
  if (!created) return Err(created.error());
  return LoadSecret(path);
}

}  // namespace trackwire::auth
