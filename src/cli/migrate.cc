#include <sys/stat.h>

#include <chrono>
#include <cstdio>
#include <string>

#include "cli/commands.h"
#include "store/migration.h"
#include "store/store_url.h"

namespace trackwire::cli {
namespace {

int CodeOf(const Error& error) { return error.code == "bad_url" ? kWrongUsage : kFailed; }

std::string VersionsOf(const store::SchemaState& state) {
  const std::string newest = std::to_string(state.newest);
  if (state.version == 0) return "no schema yet, version " + newest + " is to be made";
  if (state.version == state.newest) return "schema version " + newest + ", up to date";
  return "schema version " + std::to_string(state.version) + " of " + newest;
}

/// Prints each step when it begins, and how long it took when the next begins or all are done.
class Progress {
 public:
  explicit Progress(const Clock& clock) : clock_(clock) {}
  void Begin(int version, const std::string& what) {
    End();
    std::printf("  step %d: %s ...", version, what.c_str());
    std::fflush(stdout);
    begun_at_ = clock_.Now();
    under_way_ = true;
  }
  void End() {
    if (!under_way_) return;
    const std::chrono::duration<double> took = clock_.Now() - begun_at_;
    std::printf(" done in %.2f s\n", took.count());
    under_way_ = false;
  }
  void Break() {
    if (under_way_) std::printf(" failed\n");
    std::fflush(stdout);
  }

 private:
  const Clock& clock_;
  Steady::time_point begun_at_{};
  bool under_way_ = false;
};

}  // namespace

int Migrate(const Arguments& arguments, const gateway::Config& config) {
  // As the server: the database is its user's alone.
  ::umask(0077);
  const std::string name = store::DescribeUrl(config.database_url);
  if (name == "sqlite::memory:") {
    return Complain("database.url: a store in memory is always new", kWrongUsage);
  }
  auto state = store::CheckSchema(config.database_url);
  if (!state) return Complain(name + ": " + state.error().detail, CodeOf(state.error()));
  if (state->version > state->newest) {
    return Complain(name + ": the tables have version " + std::to_string(state->version) +
                        ", this program knows " + std::to_string(state->newest),
                    kFailed);
  }
  std::printf("%s: %s\n", name.c_str(), VersionsOf(*state).c_str());
  if (arguments.check) {
    int version = state->version;
    for (const std::string& step : state->missing) {
      std::printf("  step %d: %s\n", ++version, step.c_str());
    }
    return state->missing.empty() ? kFine : kFailed;
  }
  if (state->missing.empty()) return kFine;
  Progress progress(Clock::System());
  auto done = store::MigrateStore(
      config.database_url,
      [&progress](int version, const std::string& what) { progress.Begin(version, what); });
  if (!done) {
    progress.Break();
    return Complain(name + ": " + done.error().detail, CodeOf(done.error()));
  }
  progress.End();
  std::printf("%s: up to date\n", name.c_str());
  return kFine;
}

}  // namespace trackwire::cli
