#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/sqlite.h"

namespace trackwire::broker {

/// A task as the journal keeps it. Who works on it is not kept: the death of the process ends that.
struct TaskRow {
  int64_t no = 0;  ///< its place among all tasks, and its id
  std::string queue;
  std::string key;
  std::string payload;
  uint32_t attempt = 0;   ///< how many workers have had it
  WallTime not_before{};  ///< of a task that was given back with a delay
};

/// One thing that the journal has to learn about a task.
struct TaskChange {
  enum class Kind : uint8_t {
    kAdd,     ///< fails when writing fails; the others are tried again until they are written
    kUpdate,  ///< its attempt and delay
    kRemove,
  };
  Kind kind = Kind::kAdd;
  TaskRow row;
  /// On the broker's loop; may be empty.
  std::function<void(bool written)> done;
};

/// The table of tasks. Belongs to the journal and its thread.
class TaskJournal {
 public:
  static Result<std::unique_ptr<TaskJournal>> Make(base::SqliteDb& db);

  /// In the order of their numbers.
  Result<std::vector<TaskRow>> All();
  /// Within the caller's transaction.
  Result<void> Write(const TaskChange& change);

 private:
  TaskJournal(base::SqliteStatement all, base::SqliteStatement add, base::SqliteStatement update,
              base::SqliteStatement remove);

  base::SqliteStatement all_;
  base::SqliteStatement add_;
  base::SqliteStatement update_;
  base::SqliteStatement remove_;
};

}  // namespace trackwire::broker
