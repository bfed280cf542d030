#include "base/log.h"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>
#include <thread>

#include "base/clock.h"
#include "base/json_scanner.h"
#include "base/text.h"

namespace trackwire::base {
namespace {

constexpr size_t kQueuedLines = 8192;

std::atomic<LogFormat> g_format{LogFormat::kText};
std::atomic<LogLevel> g_level{LogLevel::kInfo};

// Lines come finished: spdlog is the queue and the thread that writes them.
std::shared_ptr<spdlog::logger> MakeLogger() {
  spdlog::init_thread_pool(kQueuedLines, 1);
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  auto logger = std::make_shared<spdlog::async_logger>(
      "trackwire", sink, spdlog::thread_pool(), spdlog::async_overflow_policy::overrun_oldest);
  logger->set_pattern("%v");
  logger->set_level(spdlog::level::trace);
  logger->flush_on(spdlog::level::info);
  return logger;
}

// Never destroyed: at exit the writing thread may still hold a line of it.
std::shared_ptr<spdlog::logger>& Logger() {
  static auto* const logger = new std::shared_ptr<spdlog::logger>(MakeLogger());
  return *logger;
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

}  // namespace

void ConfigureLog(LogLevel level, LogFormat format) {
  g_level = level;
  g_format = format;
  Logger();
}

void FlushLog() {
  Logger()->flush();
  // The writer's queue tells only how full it is. A stuck reader of standard error must not keep
  // the program from ending, so the wait is bounded.
  for (int i = 0; i < 500 && spdlog::thread_pool()->queue_size() > 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void Log(LogLevel level, std::string_view component, std::string_view message,
         std::initializer_list<LogField> fields) {
  if (level < g_level.load(std::memory_order_relaxed)) return;
  const std::string line = g_format.load(std::memory_order_relaxed) == LogFormat::kJson
                               ? JsonLine(level, component, message, fields)
                               : TextLine(level, component, message, fields);
  Logger()->log(level >= LogLevel::kWarn ? spdlog::level::err : spdlog::level::info, "{}", line);
}

}  // namespace trackwire::base
