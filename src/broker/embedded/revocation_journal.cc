#include "broker/embedded/revocation_journal.h"

#include <utility>

namespace trackwire::broker {
namespace {

int64_t Millis(WallTime time) { return time.time_since_epoch().count(); }
WallTime FromMillis(int64_t ms) { return WallTime(std::chrono::milliseconds(ms)); }

}  // namespace

RevocationJournal::RevocationJournal(base::SqliteStatement all, base::SqliteStatement put,
                                     base::SqliteStatement expire)
    : all_(std::move(all)), put_(std::move(put)), expire_(std::move(expire)) {}

Result<std::unique_ptr<RevocationJournal>> RevocationJournal::Make(base::SqliteDb& db) {
  auto all = db.Prepare(
      "SELECT subject, revoked_before, kept_until FROM revocations WHERE kept_until > ?");
  if (!all) return Err(std::move(all.error()));
  auto put = db.Prepare(
      "INSERT INTO revocations(subject, revoked_before, kept_until) VALUES(?, ?, ?) "
      "ON CONFLICT(subject) DO UPDATE SET "
      "revoked_before = max(revoked_before, excluded.revoked_before), "
      "kept_until = max(kept_until, excluded.kept_until)");
  if (!put) return Err(std::move(put.error()));
  auto expire = db.Prepare(
      "DELETE FROM revocations WHERE subject IN "
      "(SELECT subject FROM revocations WHERE kept_until <= ? ORDER BY kept_until LIMIT ?)");
  if (!expire) return Err(std::move(expire.error()));
  return std::unique_ptr<RevocationJournal>(
      new RevocationJournal(std::move(*all), std::move(*put), std::move(*expire)));
}

Result<std::vector<Revocation>> RevocationJournal::All(WallTime now) {
  std::vector<Revocation> revocations;
  all_.Bind(1, Millis(now));
  for (;;) {
    auto row = all_.Step();
    if (!row) return Err(std::move(row.error()));
    if (!*row) break;
    revocations.push_back(
        {std::string(all_.Text(0)), FromMillis(all_.Int(1)), FromMillis(all_.Int(2))});
  }
  all_.Done();
  return revocations;
}

Result<void> RevocationJournal::Write(const Revocation& revocation) {
  put_.Bind(1, std::string_view(revocation.subject));
  put_.Bind(2, Millis(revocation.before)).Bind(3, Millis(revocation.until));
  return put_.Run();
}

Result<void> RevocationJournal::Expire(WallTime now, size_t limit) {
  expire_.Bind(1, Millis(now)).Bind(2, static_cast<int64_t>(limit));
  return expire_.Run();
}

}  // namespace trackwire::broker
