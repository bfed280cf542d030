#include "broker/embedded/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace trackwire::broker {

Result<std::unique_ptr<FileLock>> FileLock::Take(const std::string& path) {
  // A file of its own: closing another descriptor of the database would drop SQLite's locks.
  const std::string name = path + ".lock";
  const int fd = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return Err("cannot_open", name + ": " + std::strerror(errno));
  std::unique_ptr<FileLock> lock(new FileLock(fd));
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    const int reason = errno;
    if (reason == EWOULDBLOCK) {
      return Err("in_use", path + " is in use by another trackwire process");
    }
    return Err("cannot_open", name + ": " + std::strerror(reason));
  }
  return lock;
}

FileLock::~FileLock() { ::close(fd_); }

}  // namespace trackwire::broker
