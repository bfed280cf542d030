#include "broker/embedded/session_table.h"

#include <utility>

namespace trackwire::broker {
namespace {

constexpr size_t kSweepsPerRound = 60;

/// In a time that tells nothing of where they differ.
bool SameSecret(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char differs = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    differs |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  }
  return differs == 0;
}

}  // namespace

void SessionTable::Load(Row row) {
  const std::lock_guard lock(mutex_);
  std::string key = row.record.key;
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
  rows_.insert_or_assign(std::move(key), Row{std::move(record), now + lifetime_});
  return Saved::kYes;
}

bool SessionTable::Expire(const std::string& key, const std::string& owner, WallTime at) {
  const std::lock_guard lock(mutex_);
  const auto found = rows_.find(key);
  if (found == rows_.end() || found->second.record.owner != owner) return false;
  found->second.expires_at = at;
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
  if (found == rows_.end() || found->second.expires_at <= now) {
    return Err(TakeOverError::kUnknown);
  }
  if (!SameSecret(found->second.record.proof, proof)) return Err(TakeOverError::kRefused);
  SessionRecord before = found->second.record;
  found->second.record.owner = new_owner;
  found->second.expires_at = now + lifetime_;
  dirty_.insert(key);
  return before;
}

bool SessionTable::Sweep(WallTime now) {
  const std::lock_guard lock(mutex_);
  const size_t buckets = rows_.bucket_count() / kSweepsPerRound + 1;
  std::vector<std::string> expired;
  for (size_t i = 0; i < buckets; ++i) {
    sweep_bucket_ = (sweep_bucket_ + 1) % rows_.bucket_count();
    for (auto row = rows_.begin(sweep_bucket_); row != rows_.end(sweep_bucket_); ++row) {
      if (row->second.expires_at <= now) expired.push_back(row->first);
    }
  }
  for (const std::string& key : expired) {
    rows_.erase(key);
    dirty_.insert(key);
  }
  return !expired.empty();
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
