#include "broker/embedded/task_journal.h"

#include <utility>

namespace trackwire::broker {
namespace {

int64_t Millis(WallTime time) { return time.time_since_epoch().count(); }

}  // namespace

TaskJournal::TaskJournal(base::SqliteStatement all, base::SqliteStatement add,
                         base::SqliteStatement update, base::SqliteStatement remove)
    : all_(std::move(all)),
      add_(std::move(add)),
      update_(std::move(update)),
      remove_(std::move(remove)) {}

Result<std::unique_ptr<TaskJournal>> TaskJournal::Make(base::SqliteDb& db) {
  auto all = db.Prepare(
      "SELECT no, queue, key, payload, attempt, not_before FROM tasks ORDER BY no");
  if (!all) return Err(std::move(all.error()));
  auto add = db.Prepare(
      "INSERT INTO tasks(no, queue, key, payload, attempt, not_before) VALUES(?, ?, ?, ?, ?, ?)");
  if (!add) return Err(std::move(add.error()));
  auto update = db.Prepare("UPDATE tasks SET attempt = ?2, not_before = ?3 WHERE no = ?1");
  if (!update) return Err(std::move(update.error()));
  auto remove = db.Prepare("DELETE FROM tasks WHERE no = ?");
  if (!remove) return Err(std::move(remove.error()));
  return std::unique_ptr<TaskJournal>(new TaskJournal(std::move(*all), std::move(*add),
                                                      std::move(*update), std::move(*remove)));
}

Result<std::vector<TaskRow>> TaskJournal::All() {
  std::vector<TaskRow> rows;
  for (;;) {
    auto row = all_.Step();
    if (!row) return Err(std::move(row.error()));
    if (!*row) break;
    rows.push_back({all_.Int(0), std::string(all_.Text(1)), std::string(all_.Text(2)),
                    std::string(all_.Text(3)), static_cast<uint32_t>(all_.Int(4)),
                    WallTime(std::chrono::milliseconds(all_.Int(5)))});
  }
  all_.Done();
  return rows;
}

Result<void> TaskJournal::Write(const TaskChange& change) {
  const TaskRow& row = change.row;
  switch (change.kind) {
    case TaskChange::Kind::kAdd:
      add_.Bind(1, row.no).Bind(2, std::string_view(row.queue)).Bind(3, std::string_view(row.key));
      add_.Bind(4, std::string_view(row.payload)).Bind(5, static_cast<int64_t>(row.attempt));
      add_.Bind(6, Millis(row.not_before));
      return add_.Run();
    case TaskChange::Kind::kUpdate:
      update_.Bind(1, row.no).Bind(2, static_cast<int64_t>(row.attempt));
      update_.Bind(3, Millis(row.not_before));
      return update_.Run();
    case TaskChange::Kind::kRemove:
      remove_.Bind(1, row.no);
      return remove_.Run();
  }
  return Ok();
}

}  // namespace trackwire::broker
