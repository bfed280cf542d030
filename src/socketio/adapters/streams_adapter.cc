#include "socketio/adapters/streams_adapter.h"

#include <unordered_map>
#include <utility>

#include "base/log.h"
#include "net/loop.h"
#include "net/timer.h"
#include "socketio/adapters/streams_member.h"
#include "socketio/adapters/streams_recovery.h"
#include "socketio/room_index.h"

namespace trackwire::socketio {
namespace {

/// The UTF-16 code units of a text, as JavaScript's charCodeAt gives them.
template <typename Visit>
void VisitCodeUnits(std::string_view text, Visit visit) {
  for (size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const size_t length = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    uint32_t point = length == 1 ? byte : byte & (0x7fU >> length);
    for (size_t k = 1; k < length && i + k < text.size(); ++k) {
      point = point << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3fU);
    }
    i += length;
    if (point < 0x10000) {
      visit(point);
    } else {
      visit(0xd800 + ((point - 0x10000) >> 10));
      visit(0xdc00 + ((point - 0x10000) & 0x3ff));
    }
  }
}

}  // namespace

/// The npm adapter takes the remainder of a hash that may be negative, and so may its stream's
/// number be: Node servers write such a stream and read it not, ours do both.
std::string StreamOf(const std::string& nsp, const StreamsOptions& options) {
  if (options.stream_count <= 1) return options.stream;
  uint32_t hash = 0;
  VisitCodeUnits(nsp, [&](uint32_t unit) { hash = hash * 31 + unit; });
  const int64_t index =
      static_cast<int64_t>(static_cast<int32_t>(hash)) % static_cast<int64_t>(options.stream_count);
  return options.stream + '-' + std::to_string(index);
}

struct StreamsCluster::State {
  State(Bus& bus, StreamLog& log, StreamsOptions options)
      : shared{bus, log, std::move(options), NewClusterId(), {}},
        retry([](void* self) { static_cast<State*>(self)->FindPositions(); }, this) {}

  void Start(std::function<void()> done);
  void OnEntries(StreamTail& tail, const StreamLog::Entries& entries);
  void FindPositions();
  void CheckReady();

  StreamsShared shared;
  std::unordered_map<std::string, std::unique_ptr<StreamTail>> tails;  // by stream
  std::unordered_map<std::string, std::unique_ptr<StreamsMember>, StringHash, std::equal_to<>>
      members;  // by namespace
  size_t subscribed = 0;
  std::function<void()> ready;
  net::Timer retry;
};

void StreamsCluster::State::Start(std::function<void()> done) {
  ready = std::move(done);
  for (auto& [stream, tail] : tails) {
    shared.log.Follow(stream, [this, &tail = *tail](const StreamLog::Entries& entries) {
      OnEntries(tail, entries);
    });
  }
  for (auto& [nsp, member] : members) {
    member->Start([this] {
      ++subscribed;
      CheckReady();
    });
  }
  FindPositions();
}

/// Where the reading of a stream began is known once an entry of our own has come out of it. Other
/// servers pass it over as the heartbeat that it says it is.
void StreamsCluster::State::FindPositions() {
  bool all = true;
  for (auto& [stream, tail] : tails) {
    if (tail->last) continue;
    all = false;
    shared.log.Append(stream, {{"uid", shared.uid}, {"nsp", "/"}, {"type", "2"}},
                      shared.options.max_length, [](const Result<std::string>&) {});
  }
  if (!all) retry.Start(shared.bus.loop().timers(), std::chrono::seconds(1));
}

void StreamsCluster::State::CheckReady() {
  if (!ready || subscribed < members.size()) return;
  for (const auto& [stream, tail] : tails) {
    if (!tail->last) return;
  }
  std::exchange(ready, {})();
}

void StreamsCluster::State::OnEntries(StreamTail& tail, const StreamLog::Entries& entries) {
  for (const StreamLog::Entry& entry : entries) {
    ++shared.counters.entries_in;
    const auto id = StreamId::Parse(entry.id);
    if (!id || (tail.last && *id <= *tail.last)) continue;
    tail.last = id;
    const std::string* nsp = nullptr;
    for (const auto& [name, value] : entry.fields) {
      if (name == "nsp") nsp = &value;
    }
    if (nsp == nullptr) {
      ++shared.counters.bad_entries;
      continue;
    }
    const auto found = members.find(*nsp);
    if (found != members.end() && &found->second->tail() == &tail) {
      found->second->OnEntry(*id, entry.fields);
    }
  }
  for (auto& [nsp, member] : members) {
    if (&member->tail() != &tail) continue;
    member->Flush();
    if (member->recovery() != nullptr && tail.last) member->recovery()->OnAdvance();
  }
  CheckReady();
}

StreamsCluster::StreamsCluster(Bus& bus, StreamLog& log, StreamsOptions options)
    : state_(std::make_unique<State>(bus, log, std::move(options))) {}

StreamsCluster::~StreamsCluster() = default;

Adapter& StreamsCluster::Add(std::unique_ptr<LocalSide> side) {
  const std::string nsp = side->name();
  const std::string stream = StreamOf(nsp, state_->shared.options);
  auto& tail = state_->tails[stream];
  if (tail == nullptr) tail = std::make_unique<StreamTail>(StreamTail{stream, std::nullopt});
  auto& member = state_->members[nsp];
  CHECK(member == nullptr);
  member = std::make_unique<StreamsMember>(state_->shared, *tail, std::move(side));
  return *member;
}

Recovery* StreamsCluster::recovery(const std::string& nsp) {
  const auto found = state_->members.find(nsp);
  return found == state_->members.end() ? nullptr : found->second->recovery();
}

void StreamsCluster::Start(std::function<void()> done) {
  state_->shared.bus.loop().Post(
      [state = state_.get(), done = std::move(done)]() mutable { state->Start(std::move(done)); });
}

const StreamsCounters& StreamsCluster::counters() const { return state_->shared.counters; }

const std::string& StreamsCluster::uid() const { return state_->shared.uid; }

}  // namespace trackwire::socketio
