#include "cli/password_prompt.h"

#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "auth/password.h"

namespace trackwire::cli {
namespace {

/// What a signal's handler can get at.
termios g_terminal{};

/// Signals that end the program, or stop it and give the terminal to somebody else.
constexpr std::array<int, 5> kSignals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};

extern "C" void RestoreAndDie(int number) {
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &g_terminal);
  // The default takes over when this returns: the signal is blocked until then.
  ::signal(number, SIG_DFL);
  ::raise(number);
}

/// No echo while it lives.
class Silence {
 public:
  static bool Begin(Silence& silence) {
    if (::tcgetattr(STDIN_FILENO, &g_terminal) != 0) return false;
    struct sigaction action {};
    action.sa_handler = RestoreAndDie;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < kSignals.size(); ++i) {
      // Being stopped would show what is typed then: there is nothing to stop here.
      if (kSignals[i] == SIGTSTP) action.sa_handler = SIG_IGN;
      ::sigaction(kSignals[i], &action, &silence.before_[i]);
    }
    silence.on_ = true;
    termios quiet = g_terminal;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOE | ECHOK);
    quiet.c_lflag |= ECHONL;
    return ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
  }
  Silence() = default;
  ~Silence() {
    if (!on_) return;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &g_terminal);
    for (size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &before_[i], nullptr);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  bool on_ = false;
  std::array<struct sigaction, kSignals.size()> before_{};
};

/// One line without its end; what is longer than a password may be is read to its end all the same.
Result<std::string> ReadLine() {
  std::string line;
  bool any = false;
  for (char c = 0;;) {
    const ssize_t got = ::read(STDIN_FILENO, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Err("no_input", std::string("standard input: ") + std::strerror(errno));
    if (got == 0 || c == '\n') {
      any = any || got > 0;
      break;
    }
    any = true;
    if (line.size() <= auth::kMaxPasswordBytes + 1) line += c;
  }
  if (!any) return Err("no_input", "there is no password on standard input");
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

Result<std::string> Ask(const char* question) {
  std::fputs(question, stderr);
  std::fflush(stderr);
  return ReadLine();
}

Result<std::string> AskTwice() {
  Silence silence;
  if (!Silence::Begin(silence)) {
    return Err("terminal", std::string("the terminal cannot be silenced: ") + std::strerror(errno));
  }
  auto password = Ask("New password: ");
  if (!password) return password;
  if (auto wrong = auth::RefusePassword(*password)) {
    auth::Wipe(*password);
    return Err("bad_password", *wrong);
  }
  auto again = Ask("Once more: ");
  const bool same = again && *again == *password;
  if (again) auth::Wipe(*again);
  if (same) return password;
  auth::Wipe(*password);
  return Err("bad_password", "the two are not the same");
}

}  // namespace

Result<std::string> ReadNewPassword() {
  if (::isatty(STDIN_FILENO) != 0) return AskTwice();
  auto password = ReadLine();
  if (!password) return password;
  if (auto wrong = auth::RefusePassword(*password)) {
    auth::Wipe(*password);
    return Err("bad_password", *wrong);
  }
  return password;
}

}  // namespace trackwire::cli
