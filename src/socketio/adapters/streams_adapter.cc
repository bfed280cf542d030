#include "socketio/adapters/streams_adapter.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "net/loop.h"
#include "socketio/adapters/streams_member.h"
#include "socketio/adapters/streams_recovery.h"

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

StreamsShared::StreamsShared(Bus& b, StreamLog& l, StreamsOptions o)
    : bus(b),
      log(l),
      options(std::move(o)),
      uid(NewClusterId()),
      retry_([](void* self) { static_cast<StreamsShared*>(self)->FindPositions(); }, this) {}

StreamsShared::~StreamsShared() = default;

void StreamsShared::Follow(StreamTail& tail, std::function<void()> done) {
  if (tail.last) return done();
  tail.waiting.push_back(std::move(done));
  if (std::exchange(tail.followed, true)) return;
  log.Follow(tail.stream,
             [this, &tail](const StreamLog::Entries& entries) { OnEntries(tail, entries); });
  FindPositions();
}

/// Where the reading of a stream began is known once an entry of our own has come out of it. Other
/// servers pass it over as the heartbeat that it says it is.
void StreamsShared::FindPositions() {
  bool all = true;
  for (const auto& [stream, tail] : tails) {
    if (!tail->followed || tail->last) continue;
    all = false;
    log.Append(stream, {{"uid", uid}, {"nsp", "/"}, {"type", "2"}}, options.max_length,
               [](const Result<std::string>&) {});
  }
  if (!all) retry_.Start(bus.loop().timers(), std::chrono::seconds(1));
}

void StreamsShared::OnEntries(StreamTail& tail, const StreamLog::Entries& entries) {
  for (const StreamLog::Entry& entry : entries) OnEntry(tail, entry);
  for (const auto& [nsp, member] : members) {
    if (&member->tail() != &tail) continue;
    member->Flush();
    if (member->recovery() != nullptr && tail.last) member->recovery()->OnAdvance();
  }
  if (!tail.last) return;
  for (const auto& done : std::exchange(tail.waiting, {})) done();
}

void StreamsShared::OnEntry(StreamTail& tail, const StreamLog::Entry& entry) {
  ++counters.entries;
  const auto id = StreamId::Parse(entry.id);
  if (!id || (tail.last && *id <= *tail.last)) return;
  tail.last = id;
  const auto nsp = std::find_if(entry.fields.begin(), entry.fields.end(),
                                [](const auto& field) { return field.first == "nsp"; });
  if (nsp == entry.fields.end()) {
    ++counters.bad_entries;
    return;
  }
  const auto found = members.find(nsp->second);
  if (found == members.end() || &found->second->tail() != &tail) return;
  found->second->OnEntry(*id, entry.fields);
}

struct StreamsCluster::State {
  State(Bus& bus, StreamLog& log, StreamsOptions options) : shared(bus, log, std::move(options)) {}
  StreamsShared shared;
};

StreamsCluster::StreamsCluster(Bus& bus, StreamLog& log, StreamsOptions options)
    : state_(std::make_unique<State>(bus, log, std::move(options))) {}

StreamsCluster::~StreamsCluster() = default;

std::unique_ptr<Adapter> StreamsCluster::MakeAdapter(Namespace& nsp) {
  StreamsShared& shared = state_->shared;
  const std::string stream = StreamOf(nsp.name(), shared.options);
  auto& tail = shared.tails[stream];
  if (tail == nullptr) tail = std::make_unique<StreamTail>(StreamTail{stream, false, {}, {}});
  if (shared.options.recovery) {
    shared.recoveries[nsp.name()] = std::make_unique<StreamsRecovery>(shared, *tail, nsp.name());
  }
  StreamsMember*& member = shared.members[nsp.name()];
  CHECK(member == nullptr);
  const auto found = shared.recoveries.find(nsp.name());
  auto adapter = std::make_unique<StreamsMember>(
      shared, *tail, nsp, found == shared.recoveries.end() ? nullptr : found->second.get());
  member = adapter.get();
  return adapter;
}

Recovery* StreamsCluster::recovery(const std::string& nsp) {
  const auto found = state_->shared.recoveries.find(nsp);
  return found == state_->shared.recoveries.end() ? nullptr : found->second.get();
}

const StreamsCounters& StreamsCluster::counters() const { return state_->shared.counters; }

const std::string& StreamsCluster::uid() const { return state_->shared.uid; }

}  // namespace trackwire::socketio
