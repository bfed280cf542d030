#include "tests/net/faults.h"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace trackwire::net::testing {

Faults& TheFaults() {
  static Faults faults;
  return faults;
}

FaultGuard::~FaultGuard() {
  TheFaults().accept_error = 0;
  TheFaults().bytes_per_send = 0;
  TheFaults().swallow_sends = false;
  TheFaults().refuse_sends = false;
  TheFaults().sends_before_error = -1;
}

}  // namespace trackwire::net::testing

using trackwire::net::testing::TheFaults;

extern "C" int accept4(int fd, sockaddr* peer, socklen_t* size, int flags) {
  if (const int error = TheFaults().accept_error; error != 0) {
    errno = error;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_accept4, fd, peer, size, flags));
}

extern "C" ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  auto& faults = TheFaults();
  if (faults.sends_before_error >= 0 && faults.sends_before_error-- == 0) {
    errno = faults.send_error;
    return -1;
  }
  if (faults.swallow_sends) {
    size_t size = 0;
    for (size_t i = 0; i < message->msg_iovlen; ++i) size += message->msg_iov[i].iov_len;
    return static_cast<ssize_t>(size);
  }
  if (faults.refuse_sends) {
    errno = EAGAIN;
    return -1;
  }
  const size_t most = faults.bytes_per_send;
  if (most == 0) return ::syscall(SYS_sendmsg, fd, message, flags);
  iovec first{message->msg_iov->iov_base, std::min(message->msg_iov->iov_len, most)};
  msghdr part{};
  part.msg_iov = &first;
  part.msg_iovlen = 1;
  return ::syscall(SYS_sendmsg, fd, &part, flags);
}
