#include <algorithm>
#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "cli/output_file.h"
#include "cli/progress_line.h"
#include "cli/stop_signals.h"
#include "cli/store_access.h"
#include "formats/id_text.h"
#include "formats/track_writer.h"
#include "store/history.h"

namespace trackwire::cli {
namespace {

constexpr size_t kPage = 5'000;
constexpr size_t kWriteBytes = 65'536;

struct Range {
  WallTime from{};
  WallTime to = WallTime::max();
};

struct Exported {
  tracking::Id id;
  std::string name;
};

Result<Range> RangeOf(const Arguments& arguments) {
  Range range;
  const auto read = [](const std::string& text, WallTime& time) {
    if (text.empty()) return true;
    const auto parsed = ParseDay(text);
    if (parsed) time = *parsed;
    return parsed.has_value();
  };
  if (!read(arguments.from, range.from)) {
    return Err("bad_config", "--from: \"" + arguments.from + "\" is no time");
  }
  if (!read(arguments.to, range.to)) {
    return Err("bad_config", "--to: \"" + arguments.to + "\" is no time");
  }
  return range;
}

Result<formats::TrackFormat> FormatOf(const Arguments& arguments) {
  std::string word = arguments.format;
  if (word.empty()) {
    const std::string& path = arguments.output;
    const size_t dot = path.rfind('.');
    word = path.empty() || path == "-" || dot == path.npos ? "csv" : path.substr(dot + 1);
    if (word == "json") word = "geojson";
  }
  const auto format = formats::ParseTrackFormat(word);
  if (format) return *format;
  return Err("bad_config", "\"" + word + "\" is no format to write; give --format csv, gpx or geojson");
}

/// The trackers asked for, in that order, or all.
Result<std::vector<Exported>> Choose(store::Store& store, const std::vector<std::string>& wanted) {
  auto states = store.TrackerStates();
  if (!states) return Err(std::move(states.error()));
  std::vector<Exported> chosen;
  if (wanted.empty()) {
    for (auto& state : *states) chosen.push_back({state.tracker.id, state.tracker.name});
    return chosen;
  }
  for (const std::string& text : wanted) {
    const auto id = formats::ParseIdText(text);
    if (!id) return Err("bad_config", "--tracker: \"" + text + "\" is no id");
    // 7 is the number, and the text where there is no such number.
    const auto find = [&](const auto& is_it) {
      return std::find_if(states->begin(), states->end(),
                          [&](const auto& state) { return is_it(state.tracker.id); });
    };
    auto found = find([&](const tracking::Id& known) { return known == *id; });
    if (found == states->end()) {
      found = find([&](const tracking::Id& known) { return known.ToText() == id->ToText(); });
    }
    if (found == states->end()) return Err("unknown_tracker", "there is no tracker " + id->ToJson());
    chosen.push_back({found->tracker.id, found->tracker.name});
  }
  return chosen;
}

/// Writes the histories of trackers one after the other, page by page.
class Job {
 public:
  Job(store::HistoryReader& history, formats::TrackWriter& writer, OutputFile& file,
      StopSignals& signals)
      : history_(history), writer_(writer), file_(file), signals_(signals) {}

  Result<void> Write(const std::vector<Exported>& trackers, const Range& range);
  uint64_t positions() const { return positions_; }

 private:
  Result<void> WriteOne(const Exported& tracker, const Range& range);
  Result<void> Drain(size_t above);

  store::HistoryReader& history_;
  formats::TrackWriter& writer_;
  OutputFile& file_;
  StopSignals& signals_;
  ProgressLine progress_;
  std::string out_;
  uint64_t positions_ = 0;
  size_t trackers_ = 0;
  size_t all_ = 0;
};

Result<void> Job::Drain(size_t above) {
  if (out_.size() <= above) return Ok();
  auto done = file_.Write(out_);
  out_.clear();
  return done;
}

Result<void> Job::WriteOne(const Exported& tracker, const Range& range) {
  store::HistoryQuery query;
  query.tracker = tracker.id;
  query.from = range.from;
  query.to = range.to;
  query.limit = kPage;
  for (bool first = true; !signals_.asked(); first = false) {
    auto page = history_.Read(query);
    if (!page) return Err(std::move(page.error()));
    if (page->empty()) return Ok();
    if (first) writer_.StartTrack(out_, tracker.id, tracker.name);
    for (const tracking::Position& position : *page) {
      writer_.Add(out_, position);
      if (auto done = Drain(kWriteBytes); !done) return done;
    }
    positions_ += page->size();
    query.after = page->back().fix.fix_time;
    progress_.Show(Grouped(positions_) + " positions of " + Grouped(trackers_ + 1) + " of " +
                       Grouped(all_) + " trackers",
                   static_cast<double>(trackers_) / static_cast<double>(all_));
    if (page->size() < kPage) return Ok();
  }
  return Ok();
}

Result<void> Job::Write(const std::vector<Exported>& trackers, const Range& range) {
  all_ = trackers.size();
  writer_.Begin(out_);
  for (const Exported& tracker : trackers) {
    if (signals_.asked()) break;
    if (auto done = WriteOne(tracker, range); !done) {
      progress_.End();
      return done;
    }
    ++trackers_;
  }
  progress_.End();
  if (signals_.asked()) return Err("stopped", "stopped");
  writer_.End(out_);
  if (auto done = Drain(0); !done) return done;
  return file_.Finish();
}

}  // namespace

int Export(const Arguments& arguments, const gateway::Config& config) {
  StopSignals signals;
  const auto range = RangeOf(arguments);
  if (!range) return Complain(range.error().detail, kWrongUsage);
  const auto format = FormatOf(arguments);
  if (!format) return Complain(format.error().detail, kWrongUsage);
  auto store = OpenExistingStore(config, false);
  if (!store) return Complain(store.error().detail, StoreExitCode(store.error()));
  auto trackers = Choose(**store, arguments.trackers);
  if (!trackers) return Complain(trackers.error().detail, ExitCodeOf(trackers.error()));
  auto history = store::OpenHistory(config.database_url);
  if (!history) return Complain(history.error().detail, StoreExitCode(history.error()));
  auto file = OutputFile::Open(arguments.output);
  if (!file) return Complain(file.error().detail, kFailed);
  formats::WriterOptions options;
  options.lines = arguments.lines;
  options.gap = std::chrono::seconds(arguments.gap_s);
  auto writer = formats::MakeTrackWriter(*format, options);
  Job job(**history, *writer, **file, signals);
  if (auto done = job.Write(*trackers, *range); !done) {
    return Complain(done.error().detail, done.error().code == "stopped" ? kInterrupted : kFailed);
  }
  std::fprintf(stderr, "%s positions of %s trackers\n", Grouped(job.positions()).c_str(),
               Grouped(trackers->size()).c_str());
  return kFine;
}

}  // namespace trackwire::cli
