#include "net/out_queue.h"

#include <sys/uio.h>

#include <memory>
#include <unordered_map>
#include <vector>

#include "base/check.h"

namespace trackwire::net {

/// The frames as a vector with a moving start; a conflated frame leaves a hole. Places are
/// numbered on from `base`, so that the index of keys stays right when the front is dropped.
struct OutQueue::State {
  struct Entry {
    FrameRef frame;  // empty: conflated away
    Steady::time_point queued_at;
  };

  size_t bytes = 0;   // of wire, what has gone of the first frame not counted
  size_t frames = 0;  // without the holes
  size_t head = 0;    // index of the first frame in `entries`; never a hole unless all is empty
  size_t offset = 0;  // what has gone of it
  uint64_t base = 0;  // place of entries[0]
  std::vector<Entry> entries;
  // Newest place of each key; exists only above the conflation threshold.
  std::unique_ptr<std::unordered_map<uint64_t, uint64_t>> places;

  const Entry& first() const { return entries[head]; }
  void Append(FrameRef frame, Steady::time_point now);
  bool RemoveOlder(uint64_t key);
  void IndexKeys();
  void DropFirst();
  void SkipHoles();
  void Compact();
  void Reset();
};

namespace {

/// Emptied states kept for the next backlog of this thread. Bounded, and each small.
constexpr size_t kPooledStates = 1024;
constexpr size_t kPooledEntries = 32;

template <typename State>
struct Pool {
  std::vector<std::unique_ptr<State>> free;

  static Pool& Local() {
    thread_local Pool pool;
    return pool;
  }
  State* Take() {
    if (free.empty()) return new State;
    State* state = free.back().release();
    free.pop_back();
    return state;
  }
  void Give(State* state) {
    std::unique_ptr<State> owned(state);
    if (free.size() >= kPooledStates) return;
    state->Reset();
    free.push_back(std::move(owned));
  }
};

}  // namespace

void OutQueue::State::Append(FrameRef frame, Steady::time_point now) {
  const size_t size = frame->wire().size();
  const uint64_t key = frame->conflation_key();
  if (places != nullptr && key != 0) (*places)[key] = base + entries.size();
  entries.push_back({std::move(frame), now});
  bytes += size;
  ++frames;
}

void OutQueue::State::IndexKeys() {
  places = std::make_unique<std::unordered_map<uint64_t, uint64_t>>();
  for (size_t i = head; i < entries.size(); ++i) {
    const FrameRef& frame = entries[i].frame;
    if (frame && frame->conflation_key() != 0) (*places)[frame->conflation_key()] = base + i;
  }
}

bool OutQueue::State::RemoveOlder(uint64_t key) {
  const auto place = places->find(key);
  if (place == places->end()) return false;
  const auto index = static_cast<size_t>(place->second - base);
  // The client has the start of this one already.
  if (index == head && offset > 0) return false;
  Entry& older = entries[index];
  bytes -= older.frame->wire().size();
  --frames;
  older.frame = {};
  places->erase(place);
  SkipHoles();
  return true;
}

void OutQueue::State::DropFirst() {
  Entry& entry = entries[head];
  const uint64_t key = entry.frame->conflation_key();
  if (places != nullptr && key != 0) {
    const auto place = places->find(key);
    if (place != places->end() && place->second == base + head) places->erase(place);
  }
  bytes -= entry.frame->wire().size() - offset;
  --frames;
  offset = 0;
  entry.frame = {};
  SkipHoles();
}

void OutQueue::State::SkipHoles() {
  while (head < entries.size() && !entries[head].frame) ++head;
  Compact();
}

/// Keeps holes and the dropped front below half, so that memory follows what really waits.
void OutQueue::State::Compact() {
  if (entries.size() < 64 || entries.size() < 2 * frames) return;
  base += entries.size();
  size_t kept = 0;
  for (size_t i = head; i < entries.size(); ++i) {
    if (!entries[i].frame) continue;
    if (kept != i) entries[kept] = std::move(entries[i]);
    ++kept;
  }
  entries.resize(kept);
  head = 0;
  if (entries.capacity() > 4 * kept) entries.shrink_to_fit();
  if (places != nullptr) IndexKeys();
}

void OutQueue::State::Reset() {
  entries.clear();
  if (entries.capacity() > kPooledEntries) std::vector<Entry>().swap(entries);
  places.reset();
  bytes = frames = head = offset = 0;
  base = 0;
}

OutQueue::OutQueue() = default;
OutQueue::~OutQueue() { Clear(); }
OutQueue::OutQueue(OutQueue&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
OutQueue& OutQueue::operator=(OutQueue&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

OutQueue::Pushed OutQueue::Push(FrameRef frame, bool control, const Limits& limits,
                                Steady::time_point now) {
  if (state_ == nullptr) state_ = Pool<State>::Local().Take();
  const size_t size = frame->wire().size();
  bool conflated = false;
  if (state_->bytes + size > limits.conflate_above_bytes && frame->conflation_key() != 0) {
    if (state_->places == nullptr) state_->IndexKeys();
    conflated = state_->RemoveOlder(frame->conflation_key());
  }
  const bool over = state_->bytes + size > limits.max_bytes ||
                    state_->frames >= limits.max_frames ||
                    (state_->frames > 0 && now - oldest() > limits.max_age);
  if (over && !control) {
    if (state_->frames == 0) Clear();
    return Pushed::kOverLimit;
  }
  state_->Append(std::move(frame), now);
  return conflated ? Pushed::kConflated : Pushed::kQueued;
}

bool OutQueue::empty() const { return state_ == nullptr; }
size_t OutQueue::bytes() const { return state_ == nullptr ? 0 : state_->bytes; }
size_t OutQueue::frames() const { return state_ == nullptr ? 0 : state_->frames; }

Steady::time_point OutQueue::oldest() const {
  CHECK(state_ != nullptr);
  return state_->first().queued_at;
}

int OutQueue::Gather(iovec* vectors, int max) const {
  if (state_ == nullptr) return 0;
  int count = 0;
  size_t skip = state_->offset;
  for (size_t i = state_->head; i < state_->entries.size() && count < max; ++i) {
    const FrameRef& frame = state_->entries[i].frame;
    if (!frame) continue;
    const std::string_view wire = frame->wire().substr(skip);
    vectors[count].iov_base = const_cast<char*>(wire.data());
    vectors[count].iov_len = wire.size();
    ++count;
    skip = 0;
  }
  return count;
}

void OutQueue::Consume(size_t sent, void (*done)(void* context, const EncodedFrame&),
                       void* context) {
  while (sent > 0) {
    CHECK(state_ != nullptr);
    const size_t left = state_->first().frame->wire().size() - state_->offset;
    if (sent < left) {
      state_->offset += sent;
      state_->bytes -= sent;
      return;
    }
    sent -= left;
    if (done != nullptr) done(context, *state_->first().frame);
    state_->DropFirst();
    if (state_->frames == 0) Clear();
  }
}

FrameRef OutQueue::Pop() {
  CHECK(state_ != nullptr);
  FrameRef frame = state_->first().frame;
  state_->DropFirst();
  if (state_->frames == 0) Clear();
  return frame;
}

void OutQueue::Clear() {
  if (state_ != nullptr) Pool<State>::Local().Give(std::exchange(state_, nullptr));
}

}  // namespace trackwire::net
