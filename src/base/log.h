#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace trackwire::base {

enum class LogLevel { kDebug, kInfo, kWarn, kError, kOff };
enum class LogFormat { kText, kJson };

/// One `key=value` of a log line. Numbers are converted by the caller's choice of constructor.
struct LogField {
  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const char* v) : key(k), value(v) {}
  LogField(std::string_view k, long long v) : key(k), value(std::to_string(v)), quoted(false) {}
  LogField(std::string_view k, unsigned long long v)
      : key(k), value(std::to_string(v)), quoted(false) {}
  LogField(std::string_view k, int v) : LogField(k, static_cast<long long>(v)) {}
  LogField(std::string_view k, long v) : LogField(k, static_cast<long long>(v)) {}
  LogField(std::string_view k, unsigned v) : LogField(k, static_cast<unsigned long long>(v)) {}
  LogField(std::string_view k, unsigned long v) : LogField(k, static_cast<unsigned long long>(v)) {}

  std::string_view key;
  std::string value;
  bool quoted = true;
};

/// Sets level and form of all lines; standard error takes them, asynchronously, dropping (and
/// counting) what a stuck reader cannot take: a log never blocks a loop. Call once, early.
void ConfigureLog(LogLevel level, LogFormat format);
/// Writes out what is queued; before exit.
void FlushLog();

/// One structured line: `2026-… info  socketio  client connected  sid=…`. Any thread. Never pass a
/// token or another secret.
void Log(LogLevel level, std::string_view component, std::string_view message,
         std::initializer_list<LogField> fields = {});

inline void LogDebug(std::string_view c, std::string_view m,
                     std::initializer_list<LogField> f = {}) {
  Log(LogLevel::kDebug, c, m, f);
}
inline void LogInfo(std::string_view c, std::string_view m,
                    std::initializer_list<LogField> f = {}) {
  Log(LogLevel::kInfo, c, m, f);
}
inline void LogWarn(std::string_view c, std::string_view m,
                    std::initializer_list<LogField> f = {}) {
  Log(LogLevel::kWarn, c, m, f);
}
inline void LogError(std::string_view c, std::string_view m,
                     std::initializer_list<LogField> f = {}) {
  Log(LogLevel::kError, c, m, f);
}

}  // namespace trackwire::base
