#include "base/log.h"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <thread>

#include "base/clock.h"
#include "base/json_scanner.h"
#include "base/kept_log.h"
#include "base/text.h"

namespace trackwire::base {
namespace {

constexpr size_t kQueuedLines = 8192;

std::atomic<LogFormat> g_format{LogFormat::kText};
std::atomic<LogLevel> g_level{LogLevel::kInfo};

/// A queue of lines and the thread that writes them: spdlog's; lines come finished.
struct Writer {
  explicit Writer(const std::shared_ptr<spdlog::sinks::stderr_sink_mt>& sink)
      : pool(std::make_shared<spdlog::details::thread_pool>(kQueuedLines, 1)),
        logger(std::make_shared<spdlog::async_logger>(
            "trackwire", sink, pool, spdlog::async_overflow_policy::overrun_oldest)) {
    logger->set_pattern("%v");
    logger->set_level(spdlog::level::trace);
    logger->flush_on(spdlog::level::info);
  }

  // A stuck reader of standard error must not keep the program from ending, and the queue tells
  // only how full it is: so the wait is bounded.
  void Flush() {
    logger->flush();
    for (int i = 0; i < 500 && pool->queue_size() > 0; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> logger;
};

struct Writers {
  std::shared_ptr<spdlog::sinks::stderr_sink_mt> sink =
      std::make_shared<spdlog::sinks::stderr_sink_mt>();
  Writer lines{sink};
  Writer kept{sink};
};

// Never destroyed: at exit the writing threads may still hold a line of it. What a program that
// ends without FlushLog() said last is written all the same.
Writers& TheWriters() {
  static auto* const writers = [] {
    std::atexit(FlushLog);
    return new Writers;
  }();
  return *writers;
}

const char* Name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return "debug";
    case LogLevel::kInfo: return "info";
    case LogLevel::kWarn: return "warn";
    case LogLevel::kError: return "error";
    case LogLevel::kOff: break;
  }
  return "off";
}

// Values may come from clients: a broken one must not break the line it stands in.
std::string Printable(std::string_view text) {
  if (IsUtf8(text)) return std::string(text);
  std::string clean;
  for (const char c : text) clean += static_cast<unsigned char>(c) < 0x80 ? c : '?';
  return clean;
}

bool NeedsQuotes(std::string_view value) {
  if (value.empty()) return true;
  for (const char c : value) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == '"' || c == '=' || c == '\\') return true;
  }
  return false;
}

std::string TextLine(LogLevel level, std::string_view component, std::string_view message,
                     std::initializer_list<LogField> fields) {
  std::string line = FormatTime(Clock::System().WallNow());
  line.append(" ").append(Name(level)).append(" ").append(component).append(": ");
  line.append(Printable(message));
  for (const LogField& field : fields) {
    line.append(" ").append(field.key).append("=");
    const std::string value = Printable(field.value);
    if (field.quoted && NeedsQuotes(value)) {
      AppendJsonString(line, value);
    } else {
      line += value;
    }
  }
  return line;
}

std::string JsonLine(LogLevel level, std::string_view component, std::string_view message,
                     std::initializer_list<LogField> fields) {
  std::string line = "{\"time\":\"" + FormatTime(Clock::System().WallNow()) + "\",\"level\":\"";
  line.append(Name(level)).append("\",\"component\":");
  AppendJsonString(line, component);
  line += ",\"message\":";
  AppendJsonString(line, Printable(message));
  for (const LogField& field : fields) {
    line += ',';
    AppendJsonString(line, field.key);
    line += ':';
    if (field.quoted) {
      AppendJsonString(line, Printable(field.value));
    } else {
      line += field.value;
    }
  }
  return line + "}";
}

std::string Line(LogLevel level, std::string_view component, std::string_view message,
                 std::initializer_list<LogField> fields) {
  return g_format.load(std::memory_order_relaxed) == LogFormat::kJson
             ? JsonLine(level, component, message, fields)
             : TextLine(level, component, message, fields);
}

}  // namespace

void ConfigureLog(LogLevel level, LogFormat format) {
  g_level = level;
  g_format = format;
  TheWriters();
}

void FlushLog() {
  TheWriters().lines.Flush();
  TheWriters().kept.Flush();
}

void Log(LogLevel level, std::string_view component, std::string_view message,
         std::initializer_list<LogField> fields) {
  if (level < g_level.load(std::memory_order_relaxed)) return;
  TheWriters().lines.logger->log(
      level >= LogLevel::kWarn ? spdlog::level::err : spdlog::level::info, "{}",
      Line(level, component, message, fields));
}

void LogKept(std::string_view component, std::string_view message,
             std::initializer_list<LogField> fields) {
  TheWriters().kept.logger->info("{}", Line(LogLevel::kInfo, component, message, fields));
}

}  // namespace trackwire::base
