#include <algorithm>
#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "cli/importer.h"
#include "cli/progress_line.h"
#include "cli/stop_signals.h"
#include "cli/store_access.h"
#include "fetcher/input_file.h"
#include "formats/id_text.h"
#include "gateway/replay_config.h"

namespace trackwire::cli {
namespace {

std::string StemOf(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  return name.substr(0, name.find('.', 1));
}

Result<formats::ReaderOptions> ReaderOptionsOf(const Arguments& arguments) {
  formats::ReaderOptions options;
  if (!arguments.columns.empty()) {
    auto mapping = gateway::ParseReplayColumns(arguments.columns);
    if (!mapping) return Err("bad_config", mapping.error().detail);
    options.csv = std::move(*mapping);
  } else if (!arguments.import_preset.empty()) {
    auto preset = formats::CsvPreset(arguments.import_preset);
    if (!preset) return Err("bad_config", preset.error().detail);
    options.csv = std::move(*preset);
  }
  if (!arguments.start.empty()) {
    auto start = ParseDay(arguments.start);
    if (!start) return Err("bad_config", "--start: \"" + arguments.start + "\" is no time");
    options.start = start;
  }
  if (!arguments.not_before.empty()) {
    auto earliest = ParseDay(arguments.not_before);
    if (!earliest) {
      return Err("bad_config", "--not-before: \"" + arguments.not_before + "\" is no time");
    }
    options.not_before = *earliest;
  }
  return options;
}

Result<formats::FileFormat> FormatOf(const Arguments& arguments, const std::string& path) {
  const auto format = arguments.format.empty() ? formats::FileFormatOfPath(path)
                                               : formats::ParseFileFormat(arguments.format);
  if (format) return *format;
  return Err("bad_config", path + ": its name does not say what it is; give --format");
}

void PrintTally(const std::string& path, const ImportTally& tally, uint64_t moved) {
  std::printf("%s: %s read, %s stored, %s there already, %s refused\n", path.c_str(),
              Grouped(tally.points).c_str(), Grouped(tally.stored).c_str(),
              Grouped(tally.duplicates).c_str(), Grouped(tally.refused_in_all()).c_str());
  for (const auto& [reason, count] : tally.refused) {
    std::printf("  %s %s\n", Grouped(count).c_str(), reason.c_str());
  }
  if (moved > 0) {
    std::printf("  %s times moved by 1024 weeks\n", Grouped(moved).c_str());
  }
}

/// Reads files one after the other.
class Job {
 public:
  Job(const Arguments& arguments, formats::ReaderOptions reading, Importer& importer,
      StopSignals& signals)
      : arguments_(arguments),
        reading_(std::move(reading)),
        importer_(importer),
        signals_(signals) {}

  /// False: it could not be read, or gave nothing.
  bool Read(const std::string& path);
  /// Nothing more will work.
  bool broken() const { return broken_; }
  void EndLine() { progress_.End(); }

 private:
  Result<void> ReadPieces(fetcher::InputFile& file, formats::PointReader& reader,
                          const std::string& path);
  Result<void> Store(Result<void> done) {
    broken_ = broken_ || !done;
    return done;
  }
  void ShowProgress(const fetcher::InputFile& file, const std::string& path);

  const Arguments& arguments_;
  const formats::ReaderOptions reading_;
  Importer& importer_;
  StopSignals& signals_;
  ProgressLine progress_;
  Steady::time_point begun_{};
  bool broken_ = false;
};

void Job::ShowProgress(const fetcher::InputFile& file, const std::string& path) {
  const ImportTally& tally = importer_.tally();
  const std::chrono::duration<double> time = Steady::now() - begun_;
  const double rate = static_cast<double>(tally.points) / std::max(time.count(), 0.001);
  std::optional<double> part;
  if (file.size() > 0) {
    part = static_cast<double>(file.position()) / static_cast<double>(file.size());
  }
  progress_.Show(path + ": " + Grouped(tally.points) + " read, " + Grouped(tally.stored) +
                     " stored, " + Grouped(static_cast<uint64_t>(rate)) + "/s",
                 part);
}

Result<void> Job::ReadPieces(fetcher::InputFile& file, formats::PointReader& reader,
                             const std::string& path) {
  for (bool ended = false; !ended && !signals_.asked();) {
    auto piece = file.Read();
    if (!piece) return Err(std::move(piece.error()));
    ended = piece->empty();
    formats::ReadPoints read;
    auto fed = ended ? reader.Finish(read) : reader.Feed(*piece, read);
    // What came before the fault is good.
    if (auto stored = Store(importer_.Take(std::move(read))); !stored) return stored;
    if (!fed) return Err(fed.error().code, path + ": " + fed.error().detail);
    ShowProgress(file, path);
  }
  return Ok();
}

bool Job::Read(const std::string& path) {
  const auto format = FormatOf(arguments_, path);
  auto file = fetcher::InputFile::Open(path);
  if (!format || !file) {
    Complain(!format ? format.error().detail : file.error().detail, kFailed);
    return false;
  }
  importer_.Begin(StemOf(path));
  begun_ = Steady::now();
  auto reader = formats::MakePointReader(*format, reading_);
  auto done = ReadPieces(**file, *reader, path);
  if (!broken_) {
    auto flushed = Store(importer_.Flush());
    if (done && !flushed) done = flushed;
  }
  progress_.End();
  if (!done) Complain(done.error().detail, kFailed);
  const ImportTally& tally = importer_.tally();
  PrintTally(path, tally, reader->moved_times());
  std::fflush(stdout);
  return done && (tally.stored + tally.duplicates > 0 || tally.refused.empty());
}

Result<TrackerBook::Options> BookOptionsOf(const Arguments& arguments) {
  TrackerBook::Options options;
  options.create = arguments.create;
  options.is_public = arguments.is_public;
  if (!arguments.provider.empty()) options.provider = arguments.provider;
  if (!arguments.clients.empty()) {
    options.client = formats::ParseIdText(arguments.clients.front());
    if (!options.client) {
      return Err("bad_config", "--client: \"" + arguments.clients.front() + "\" is no id");
    }
  }
  const bool needs_create = options.client || options.is_public || !arguments.provider.empty();
  if (needs_create && !options.create) {
    return Err("bad_config", "--client, --public and --provider are for trackers that --create makes");
  }
  return options;
}

}  // namespace

int Import(const Arguments& arguments, const gateway::Config& config) {
  StopSignals signals;
  auto reading = ReaderOptionsOf(arguments);
  if (!reading) return Complain(reading.error().detail, kWrongUsage);
  auto booking = BookOptionsOf(arguments);
  if (!booking) return Complain(booking.error().detail, kWrongUsage);
  Importer::Options importing;
  importing.waypoints = arguments.waypoints;
  importing.stopped = [&signals] { return signals.asked(); };
  if (!arguments.trackers.empty()) {
    importing.tracker = formats::ParseIdText(arguments.trackers.front());
    if (!importing.tracker) {
      return Complain("--tracker: \"" + arguments.trackers.front() + "\" is no id", kWrongUsage);
    }
  }
  auto store = OpenExistingStore(config, arguments.create);
  if (!store) return Complain(store.error().detail, StoreExitCode(store.error()));
  auto book = TrackerBook::Open(**store, *booking);
  if (!book) return Complain(book.error().detail, kFailed);
  std::unique_ptr<Job> job;
  importing.on_refused = [&job](uint64_t line, const std::string& reason) {
    job->EndLine();
    const std::string at = line > 0 ? "line " + std::to_string(line) + ": " : "";
    std::fprintf(stderr, "trackwire: %srefused: %s\n", at.c_str(), reason.c_str());
  };
  Importer importer(**store, *book, Clock::System(), std::move(importing));
  job = std::make_unique<Job>(arguments, std::move(*reading), importer, signals);
  bool fine = true;
  for (const std::string& path : arguments.files) {
    if (signals.asked() || job->broken()) break;
    fine = job->Read(path) && fine;
  }
  if (auto named = book->Finish(); !named) fine = Complain(named.error().detail, kFailed) == kFine;
  if (book->created() > 0) std::printf("%s trackers created\n", Grouped(book->created()).c_str());
  if (signals.asked()) return Complain("stopped; run it again to go on", kInterrupted);
  return fine ? kFine : kFailed;
}

}  // namespace trackwire::cli
