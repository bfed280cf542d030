#include "fetcher/providers/replay.h"

#include <algorithm>
#include <cstdio>
#include <thread>

#include "cli/commands.h"
#include "cli/envelope_batch.h"
#include "cli/progress_line.h"
#include "gateway/replay_config.h"
#include "ingest/envelope.h"

namespace trackwire::cli {
namespace {

constexpr size_t kBatch = 500;
constexpr std::chrono::milliseconds kLongestPause{1000};

/// What became of all that was published.
struct Tally {
  uint64_t published = 0;
  uint64_t refused = 0;
};

std::vector<std::string> EnvelopesOf(const std::vector<ingest::PositionIntake::FixReport>& fixes,
                                     WallTime now) {
  std::vector<std::string> envelopes;
  for (const auto& report : fixes) {
    tracking::Position position;
    position.tracker_id = report.tracker_id;
    position.fix = report.fix;
    position.received_at = now;
    envelopes.push_back(ingest::MakeEnvelope(
        "tracker_location_updated", tracking::ToJson(position, true), report.tracker_id, ""));
  }
  return envelopes;
}

Result<void> Post(HttpPoster& poster, EnvelopeBatch& batch, Tally& tally) {
  if (batch.empty()) return Ok();
  auto outcome = PostBatch(poster, batch.Take());
  if (!outcome) return Err(outcome.error());
  for (const std::string& error : outcome->errors) {
    ++(error.empty() ? tally.published : tally.refused);
  }
  return Ok();
}

/// Posts all, in as many bodies of `max_bytes` as it takes.
Result<void> PostAll(HttpPoster& poster, std::vector<std::string> envelopes, size_t max_bytes,
                     Tally& tally) {
  EnvelopeBatch batch(max_bytes);
  for (std::string& envelope : envelopes) {
    if (!batch.HasRoomFor(envelope.size())) {
      if (auto posted = Post(poster, batch, tally); !posted) return posted;
    }
    batch.Add(std::move(envelope));
  }
  return Post(poster, batch, tally);
}

Result<fetcher::ReplayOptions> OptionsOf(const Arguments& arguments, gateway::Config config) {
  config.replay_file = arguments.file;
  config.replay_preset = arguments.preset;
  config.replay_columns = arguments.columns;
  config.replay_speed = arguments.speed;
  config.replay_loop = arguments.loop;
  return gateway::ReplayOptionsOf(config);
}

}  // namespace

int Replay(const Arguments& arguments, const gateway::Config& config) {
  auto options = OptionsOf(arguments, config);
  if (!options) return Complain(options.error().detail, kWrongUsage);
  auto token = PublishingToken(arguments, config);
  if (!token) return Complain(token.error().detail, kFailed);
  HttpPoster poster(arguments.url, *token, arguments.ca);
  auto provider = fetcher::MakeReplay(std::move(*options));
  auto catalogue = provider->Load();
  if (!catalogue) return Complain(catalogue.error().detail, kFailed);
  std::fprintf(stderr, "%zu trackers in %s\n", catalogue->trackers.size(), arguments.file.c_str());
  ProgressLine progress;
  Tally tally;
  while (true) {
    const WallTime now = Clock::System().WallNow();
    auto due = provider->Next(now, kBatch);
    if (!due) return Complain(due.error().detail, kFailed);
    if (!due->fixes.empty()) {
      auto posted = PostAll(poster, EnvelopesOf(due->fixes, now),
                            static_cast<size_t>(config.limits_max_payload_bytes), tally);
      if (!posted) {
        progress.End();
        return Complain(posted.error().detail, kFailed);
      }
    }
    progress.Show(std::to_string(tally.published) + " positions published, " +
                  provider->Progress());
    if (due->finished) break;
    std::this_thread::sleep_for(std::min(due->next_in, kLongestPause));
  }
  progress.End();
  std::fprintf(stderr, "%s positions published\n", std::to_string(tally.published).c_str());
  if (tally.refused == 0) return kFine;
  return Complain(std::to_string(tally.refused) + " were refused", kFailed);
}

}  // namespace trackwire::cli
