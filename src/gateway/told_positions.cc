#include "gateway/told_positions.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "formats/told_position.h"
#include "ingest/envelope.h"
#include "ingest/tracker_check.h"
#include "net/timer_wheel.h"
#include "notify/dispatch.h"

namespace trackwire::gateway {
namespace {

using broker::LogEntry;
using broker::LogEntryPtr;
using broker::LogOffset;
using ingest::FixOutcome;
using ingest::FixReport;
using tracking::Id;
using tracking::Tracker;

constexpr const char* kMark = "notifications";
constexpr size_t kBatchBytes = 1u << 20;
/// Each is a transaction: others want to be stored meanwhile.
constexpr size_t kMadeAtOnce = 100;
constexpr std::chrono::milliseconds kAgain{250};
constexpr std::chrono::milliseconds kMarkEvery{1'000};
constexpr std::chrono::milliseconds kTellEvery{10'000};
/// What is about to expire may be gone when it is read.
constexpr std::chrono::milliseconds kMargin{60'000};

Tracker NewTracker(const Id& id) {
  Tracker tracker;
  tracker.id = id;
  tracker.name = id.ToText();
  tracker.is_public = true;
  tracker.provider = ingest::kToldProvider;
  return tracker;
}

}  // namespace

/// One time of having the trackers that push. Belongs to the control loop; callbacks under way keep
/// it, and do nothing once `intake` is gone.
struct ToldPositions::Run : std::enable_shared_from_this<ToldPositions::Run> {
  Run(const ToldPositions& owner, ingest::PositionIntake& to)
      : control(owner.control_),
        log(owner.broker_.log()),
        board(owner.board_),
        clock(owner.clock_),
        options(owner.options_),
        counters(owner.counters_),
        intake(&to),
        again([](void* self) { static_cast<Run*>(self)->Next(); }, this),
        mark_due([](void* self) { static_cast<Run*>(self)->SaveMark(); }, this) {}

  void ReadMark();
  void Next();
  void Pump();
  void OnRead(const Result<std::vector<LogEntryPtr>>& entries);
  void Rewind(const std::string& code);
  void Sort(const LogEntry& entry);
  bool IsToBeMade(const Id& id, const Tracker* tracker);
  bool IsFull();
  void Make();
  void OnMade(const Result<ingest::StoreChange>& change, size_t count);
  void Hand();
  void Advance();
  /// Now, or soon if that was a moment ago.
  void SaveMark();
  void WriteMark();
  void Refuse(const Id& id, const Error& error);
  void Close() {
    // What is stored is not read again, nor made again if it was removed since.
    if (mark_due.armed()) WriteMark();
    intake = nullptr;
    again.Cancel();
    mark_due.Cancel();
  }
  /// The same, on the control loop and while it is this run's time.
  template <typename Then>
  void Later(Then then) {
    control.Post([self = shared_from_this(), then = std::move(then)] {
      if (self->intake != nullptr) then(*self);
    });
  }

  net::Loop& control;
  broker::NotificationLog& log;
  const tracking::Board& board;
  const Clock& clock;
  const Options options;
  const std::shared_ptr<ToldCounters> counters;
  ingest::PositionIntake* intake;  ///< nullptr: its time is over

  std::optional<LogOffset> cursor;  ///< up to here all is stored; nothing: the mark is being read
  int rewinds = 0;                  ///< in a row
  bool busy = false;
  // The entries in hand:
  LogOffset next;
  std::vector<FixReport> fixes;
  std::vector<Tracker> unmade;
  std::set<Id> made;  ///< the board may hear of them later
  bool looked_through = false;  ///< with this batch, for:
  size_t unheard = 0;           ///< those of `made` that the board does not know yet
  Steady::time_point marked_at{};
  Steady::time_point told_at{};
  net::Timer again;
  net::Timer mark_due;  ///< there is something to be saved
};

void ToldPositions::Run::ReadMark() {
  auto mark = std::make_shared<std::string>();
  intake->Change(
      [mark](store::Store& store) -> Result<ingest::StoreChange> {
        auto read = store.Mark(kMark);
        if (!read) return Err(std::move(read.error()));
        *mark = std::move(*read);
        return ingest::StoreChange();
      },
      [self = shared_from_this(), mark](const Result<ingest::StoreChange>& done) {
        self->Later([mark, read = done.has_value()](Run& run) {
          if (!read) return run.again.Start(run.control.timers(), kAgain);
          // Without one: all that the log has is new here.
          const LogOffset beginning{run.log.tail_offset().epoch, 0, 0};
          run.cursor = LogOffset::Parse(*mark).value_or(beginning);
          run.Pump();
        });
      });
}

/// Goes on where something did not work.
void ToldPositions::Run::Next() {
  if (intake == nullptr) return;
  if (!cursor) return ReadMark();
  if (!busy) return Pump();
  if (!unmade.empty()) return Make();
  Hand();
}

void ToldPositions::Run::Pump() {
  if (intake == nullptr || busy || !cursor) return;
  const LogOffset last = log.tail_offset();
  if (cursor->SameEpoch(last) && !(*cursor < last)) return;
  busy = true;
  log.Read(*cursor, last, options.batch_entries, kBatchBytes,
           [self = shared_from_this()](Result<std::vector<LogEntryPtr>> entries) {
             if (self->intake != nullptr) self->OnRead(entries);
           });
}

void ToldPositions::Run::OnRead(const Result<std::vector<LogEntryPtr>>& entries) {
  if (!entries) {
    busy = false;
    return Rewind(entries.error().code);
  }
  rewinds = 0;
  looked_through = false;
  next = entries->empty() ? *cursor : entries->back()->offset;
  for (const LogEntryPtr& entry : *entries) Sort(*entry);
  if (entries->empty()) {
    busy = false;
    return;
  }
  if (!unmade.empty()) return Make();
  Hand();
}

/// The log is another one, or no longer has what is next: as far back as it surely goes, then to
/// its end.
void ToldPositions::Run::Rewind(const std::string& code) {
  if (code != "trimmed" && code != "epoch") return again.Start(control.timers(), kAgain);
  const LogOffset tail = log.tail_offset();
  const auto kept = static_cast<uint64_t>(
      std::max(options.log_lifetime - kMargin, std::chrono::milliseconds(0)).count());
  const auto now = static_cast<uint64_t>(clock.WallNow().time_since_epoch().count());
  if (code == "epoch" && !cursor->SameEpoch(tail)) {
    cursor = LogOffset{tail.epoch, 0, 0};
  } else if (rewinds++ == 0) {
    const bool from_start = cursor->ms == 0;
    cursor = LogOffset{tail.epoch, std::max(cursor->ms, now > kept ? now - kept : 0), 0};
    if (!from_start) {
      ++counters->lost;
      base::LogWarn("gateway", "notifications expired before their positions were stored");
    }
  } else {
    cursor = tail;
    ++counters->lost;
  }
  again.Start(control.timers(), kAgain);
}

void ToldPositions::Run::Refuse(const Id& id, const Error& error) {
  ++counters->refused;
  const Steady::time_point now = clock.Now();
  if (told_at != Steady::time_point{} && now - told_at < kTellEvery) return;
  told_at = now;
  base::LogWarn("gateway", "the position in a notification is not stored",
                {{"tracker", id.ToText()}, {"code", error.code}, {"detail", error.detail}});
}

bool ToldPositions::Run::IsToBeMade(const Id& id, const Tracker* tracker) {
  // One that the board has learned from notifications has no provider.
  if (tracker != nullptr && !tracker->provider.empty()) return false;
  return !made.contains(id);
}

/// Whether there are as many as may be, those included that the board has not heard of yet.
bool ToldPositions::Run::IsFull() {
  if (board.size() + made.size() < options.max_trackers) return false;
  if (!std::exchange(looked_through, true)) {
    unheard = static_cast<size_t>(std::count_if(
        made.begin(), made.end(), [this](const Id& id) { return board.Find(id) == nullptr; }));
  }
  return board.size() + unheard >= options.max_trackers;
}

void ToldPositions::Run::Sort(const LogEntry& entry) {
  const auto envelope = ingest::ParseEnvelope(entry.envelope, notify::kAnySize);
  if (!envelope || envelope->message_type != "tracker_location_updated") return;
  // As for the board: what is meant for one alone is no news about the tracker for the others.
  if (!envelope->tracker_id || envelope->socket_id || envelope->client_id) return;
  const Id& id = *envelope->tracker_id;
  const Tracker* tracker = board.Find(id);
  const std::string provider = tracker == nullptr ? std::string() : tracker->provider;
  const bool others = !provider.empty() && provider != ingest::kPushProvider &&
                      provider != ingest::kToldProvider;
  if (others) return;
  const bool unknown = IsToBeMade(id, tracker);
  const bool hidden = tracker == nullptr && board.WasHidden(id);
  const bool makes = options.makes_unknown && (!unknown || tracker != nullptr || !IsFull());
  if (hidden || (unknown && !makes)) {
    ++counters->unknown;
    return;
  }
  const WallTime told{std::chrono::milliseconds(entry.offset.ms)};
  auto read = formats::ReadToldPosition(envelope->notification, told);
  if (!read) return Refuse(id, read.error());
  if (auto checked = CheckFix(read->fix, told, options.max_future_skew); !checked) {
    return Refuse(id, checked.error());
  }
  if (unknown) {
    Tracker fresh = NewTracker(id);
    if (auto checked = ingest::CheckTracker(fresh); !checked) return Refuse(id, checked.error());
    made.insert(id);
    if (tracker == nullptr) ++unheard;
    unmade.push_back(std::move(fresh));
  }
  FixReport report;
  report.tracker_id = id;
  report.fix = std::move(read->fix);
  report.received_at = told;
  report.told = true;
  report.told_motion = read->motion;
  fixes.push_back(std::move(report));
}

void ToldPositions::Run::Make() {
  const size_t count = std::min(unmade.size(), kMadeAtOnce);
  intake->Change(
      [trackers = std::vector<Tracker>(unmade.end() - static_cast<ptrdiff_t>(count), unmade.end())](
          store::Store& store) -> Result<ingest::StoreChange> {
        ingest::StoreChange change;
        for (const Tracker& tracker : trackers) {
          auto done = store.CreateTracker(tracker);
          // Somebody else may have made it, now or before this process fell.
          if (!done && done.error().code != "exists") return Err(std::move(done.error()));
          if (done) change.trackers.push_back(tracker);
        }
        return change;
      },
      [self = shared_from_this(), count](Result<ingest::StoreChange> change) {
        self->Later([count, held = std::move(change)](Run& run) { run.OnMade(held, count); });
      });
}

void ToldPositions::Run::OnMade(const Result<ingest::StoreChange>& change, size_t count) {
  if (!change) return again.Start(control.timers(), kAgain);
  unmade.resize(unmade.size() - count);
  if (!unmade.empty()) return Make();
  Hand();
}

void ToldPositions::Run::Hand() {
  if (fixes.empty()) return Advance();
  auto answer = std::make_shared<ingest::FixAnswer>();
  answer->done = [weak = weak_from_this(), counted = counters](const Result<FixOutcome>& outcome) {
    if (!outcome) {
      ++counted->refused;
      if (outcome.error().code != "unknown_tracker") return;
      // Removed since: the next word of it makes it again.
      if (const auto run = weak.lock()) run->Later([](Run& self) { self.made.clear(); });
      return;
    }
    if (*outcome == FixOutcome::kAccepted) ++counted->stored;
    if (*outcome == FixOutcome::kLate) ++counted->late;
  };
  for (FixReport& report : fixes) report.answer = answer;
  // A copy: what is refused for now is handed over again.
  const bool taken = intake->Offer(fixes, [self = shared_from_this()] {
    self->Later([](Run& run) { run.Advance(); });
  });
  if (!taken) again.Start(control.timers(), kAgain);
}

void ToldPositions::Run::Advance() {
  cursor = next;
  fixes.clear();
  busy = false;
  if (made.size() > options.max_trackers) made.clear();
  SaveMark();
  // Another turn, so that one batch at most keeps others waiting.
  Later([](Run& run) { run.Pump(); });
}

void ToldPositions::Run::SaveMark() {
  const Steady::time_point now = clock.Now();
  if (marked_at != Steady::time_point{} && now - marked_at < kMarkEvery) {
    if (!mark_due.armed()) mark_due.Start(control.timers(), kMarkEvery);
    return;
  }
  marked_at = now;
  mark_due.Cancel();
  WriteMark();
}

void ToldPositions::Run::WriteMark() {
  intake->Change(
      [text = cursor->ToString()](store::Store& store) -> Result<ingest::StoreChange> {
        if (auto done = store.SetMark(kMark, text); !done) return Err(std::move(done.error()));
        return ingest::StoreChange();
      },
      [](const Result<ingest::StoreChange>&) {});  // the next one says more
}

ToldPositions::ToldPositions(net::Loop& control, broker::Broker& broker,
                             const tracking::Board& board, const Clock& clock, Options options)
    : control_(control),
      broker_(broker),
      board_(board),
      clock_(clock),
      options_(options),
      counters_(std::make_shared<ToldCounters>()),
      current_(std::make_shared<std::shared_ptr<Run>>()) {
  control_.Run([this] {
    // The tail stays for as long as the log does.
    broker_.log().Tail([current = current_](const std::vector<LogEntryPtr>&) {
      if (*current) (*current)->Pump();
    });
  });
}

ToldPositions::~ToldPositions() { End(); }

void ToldPositions::Begin(ingest::PositionIntake& intake) {
  begun_ = true;
  control_.Run([&] {
    *current_ = std::make_shared<Run>(*this, intake);
    (*current_)->ReadMark();
  });
}

void ToldPositions::End() {
  if (!begun_.exchange(false)) return;
  control_.Run([this] {
    if (*current_) (*current_)->Close();
    current_->reset();
  });
}

}  // namespace trackwire::gateway
