#include "broker/embedded/session_table.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace trackwire::broker {
namespace {

using namespace std::chrono_literals;

constexpr size_t kSweepsPerRound = 60;
constexpr auto kEndedLife = 24h;
constexpr size_t kTouchesAtOnce = 1'000;

/// In a time that tells nothing of where they differ.
bool SameSecret(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char differs = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    differs |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  }
  return differs == 0;
}

bool IsThere(const SessionTable::Row& row, WallTime now) {
  return !row.ended() && row.expires_at > now;
}

SessionEntry ToEntry(const SessionTable::Row& row) {
  return {{row.record.key, {}, row.record.owner, row.record.value}, !row.away};
}

}  // namespace

void SessionTable::Load(Row row) {
  const std::lock_guard lock(mutex_);
  std::string key = row.record.key;
  row.away = true;
  rows_.insert_or_assign(std::move(key), std::move(row));
}

SessionTable::Saved SessionTable::Save(SessionRecord record, WallTime now) {
  const std::lock_guard lock(mutex_);
  const auto found = rows_.find(record.key);
  if (found == rows_.end()) {
    if (rows_.size() >= max_records_) return Saved::kTooMany;
  } else if (found->second.record.owner != record.owner && found->second.expires_at > now) {
    return Saved::kNotTheOwner;
  }
  dirty_.insert(record.key);
  std::string key = record.key;
  rows_.insert_or_assign(std::move(key), Row{std::move(record), now + lifetime_, false});
  return Saved::kYes;
}

bool SessionTable::Expire(const std::string& key, const std::string& owner, WallTime at) {
  const std::lock_guard lock(mutex_);
  const auto found = rows_.find(key);
  if (found == rows_.end() || found->second.record.owner != owner) return false;
  found->second.expires_at = at;
  found->second.away = true;
  dirty_.insert(key);
  return true;
}

bool SessionTable::Remove(const std::string& key, const std::string& owner) {
  const std::lock_guard lock(mutex_);
  const auto found = rows_.find(key);
  if (found == rows_.end() || found->second.record.owner != owner) return false;
  rows_.erase(found);
  dirty_.insert(key);
  return true;
}

Result<SessionRecord, TakeOverError> SessionTable::TakeOver(const std::string& key,
                                                            const std::string& proof,
                                                            const std::string& new_owner,
                                                            WallTime now) {
  const std::lock_guard lock(mutex_);
  const auto found = rows_.find(key);
  if (found == rows_.end() || found->second.expires_at <= now || found->second.ended()) {
    return Err(TakeOverError::kUnknown);
  }
  if (!SameSecret(found->second.record.proof, proof)) return Err(TakeOverError::kRefused);
  SessionRecord before = found->second.record;
  found->second.record.owner = new_owner;
  found->second.expires_at = now + lifetime_;
  found->second.away = false;
  dirty_.insert(key);
  return before;
}

SessionPage SessionTable::List(const std::string& after, size_t max, WallTime now) const {
  const std::lock_guard lock(mutex_);
  SessionPage page;
  max = std::clamp<size_t>(max, 1, SessionStore::kMaxPage);
  size_t looked_at = 0;
  for (auto row = rows_.upper_bound(after); row != rows_.end(); ++row) {
    // Ended ones count too, so that the lock is not held for long however many there are.
    if (++looked_at > SessionStore::kMaxPage || page.sessions.size() == max) {
      page.next = std::prev(row)->first;
      break;
    }
    if (IsThere(row->second, now)) page.sessions.push_back(ToEntry(row->second));
  }
  return page;
}

std::optional<SessionEntry> SessionTable::Find(const std::string& key, WallTime now) const {
  const std::lock_guard lock(mutex_);
  const auto found = rows_.find(key);
  if (found == rows_.end() || !IsThere(found->second, now)) return std::nullopt;
  return ToEntry(found->second);
}

SessionTable::Touched SessionTable::Touch(const std::vector<SessionTouch>& touches, WallTime now) {
  Touched touched;
  for (size_t from = 0; from < touches.size(); from += kTouchesAtOnce) {
    const size_t to = std::min(touches.size(), from + kTouchesAtOnce);
    const std::lock_guard lock(mutex_);
    for (size_t i = from; i < to; ++i) TouchOne(touches[i], now, touched);
  }
  return touched;
}

void SessionTable::TouchOne(const SessionTouch& touch, WallTime now, Touched& touched) {
  const auto found = rows_.find(touch.key);
  if (found == rows_.end() || found->second.expires_at <= now) {
    touched.missing.push_back(touch.key);
  } else if (found->second.record.owner != touch.owner) {
    touched.lost.push_back(touch.key);
  } else if (!found->second.away) {
    // Not dirty: once the process has ended only the grace counts, and that is shorter.
    found->second.expires_at = now + lifetime_;
  }
}

std::optional<SessionRecord> SessionTable::End(const std::string& key, WallTime now) {
  const std::lock_guard lock(mutex_);
  const auto found = rows_.find(key);
  if (found == rows_.end() || !IsThere(found->second, now)) return std::nullopt;
  SessionRecord before = ToEntry(found->second).record;
  found->second = Row{{key, {}, {}, {}}, now + kEndedLife, false};
  dirty_.insert(key);
  return before;
}

bool SessionTable::Sweep(WallTime now) {
  const std::lock_guard lock(mutex_);
  const size_t count = rows_.size() / kSweepsPerRound + 1;
  bool removed = false;
  auto row = rows_.upper_bound(swept_through_);
  for (size_t i = 0; i < count && !rows_.empty(); ++i) {
    if (row == rows_.end()) row = rows_.begin();
    swept_through_ = row->first;
    if (row->second.expires_at > now) {
      ++row;
      continue;
    }
    dirty_.insert(row->first);
    row = rows_.erase(row);
    removed = true;
  }
  return removed;
}

bool SessionTable::dirty() const {
  const std::lock_guard lock(mutex_);
  return !dirty_.empty();
}

std::vector<SessionTable::Change> SessionTable::TakeDirty(size_t max) {
  const std::lock_guard lock(mutex_);
  std::vector<Change> changes;
  while (!dirty_.empty() && changes.size() < max) {
    auto node = dirty_.extract(dirty_.begin());
    Change change{std::move(node.value()), std::nullopt};
    if (const auto row = rows_.find(change.key); row != rows_.end()) change.row = row->second;
    changes.push_back(std::move(change));
  }
  return changes;
}

void SessionTable::PutBack(const std::vector<Change>& changes) {
  const std::lock_guard lock(mutex_);
  for (const Change& change : changes) dirty_.insert(change.key);
}

size_t SessionTable::size() const {
  const std::lock_guard lock(mutex_);
  return rows_.size();
}

}  // namespace trackwire::broker
