#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <string>

#include "floors/floor.h"
#include "wire/address.h"

namespace trackwire::bench {
namespace {

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;
constexpr size_t kMaxPerCall = 1024;  // IOV_MAX on Linux

int Fail(int code, const Error& error) {
  std::fprintf(stderr, "trackwire-floor: %s\n", error.detail.c_str());
  return code;
}

int Main(int argc, char** argv) {
  std::string listen = "127.0.0.1:0";
  Sending sending = Sending::kSingle;
  size_t per_call = 16;
  const std::map<std::string, Sending> ways{{"single", Sending::kSingle},
                                            {"coalesced", Sending::kCoalesced}};
  CLI::App app("A bare fan-out loop: the physical limit that servers are measured against.",
               "trackwire-floor");
  app.add_option("--listen", listen, "Loopback address; port 0 takes a free one")
      ->capture_default_str();
  app.add_option("--mode", sending,
                 "single: one call a message and client; coalesced: up to --per-call messages")
      ->transform(CLI::CheckedTransformer(ways).description("{single,coalesced}"));
  app.add_option("--per-call", per_call, "Messages in one call")
      ->capture_default_str()
      ->check(CLI::Range(size_t{1}, kMaxPerCall));
  std::string certificate;
  std::string key;
  auto* certificate_option =
      app.add_option("--tls-certificate", certificate, "PEM file: speak TLS with this certificate");
  certificate_option->needs(
      app.add_option("--tls-key", key, "PEM file with its key")->needs(certificate_option));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  const Result<LoopbackAddress> address = ParseLoopback(listen);
  if (!address) return Fail(kExitUsage, address.error());
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  Floor floor(sending, per_call);
  if (!certificate.empty()) {
    const Result<TlsContext> context = MakeServerContext(certificate, key);
    if (!context) return Fail(kExitUsage, context.error());
    floor.UseTls(*context);
  }
  const Result<LoopbackAddress> taken = floor.Listen(*address);
  if (!taken) return Fail(kExitFailed, taken.error());
  std::printf("listening %s://%s\n", certificate.empty() ? "http" : "https",
              taken->ToString().c_str());
  std::fflush(stdout);
  floor.Run();
  return 0;
}

}  // namespace
}  // namespace trackwire::bench

int main(int argc, char** argv) { return trackwire::bench::Main(argc, argv); }
