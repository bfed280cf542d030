#include "load/report.h"

#include <boost/json.hpp>
#include <cstdio>
#include <optional>

namespace trackwire::bench {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr double kUsPerSecond = 1e6;

double Us(int64_t ns) { return static_cast<double>(ns) / 1e3; }

const char* Name(PublishWay way) {
  if (way == PublishWay::kHttp) return "http";
  if (way == PublishWay::kRedis) return "redis";
  return way == PublishWay::kEvent ? "event" : "none";
}

const char* Name(Mode mode) { return mode == Mode::kRate ? "rate" : "saturated"; }

std::optional<double> CpuUsPerMessage(const RunResult& result) {
  if (!result.server_cpu_s || result.delivered == 0) return std::nullopt;
  return *result.server_cpu_s * kUsPerSecond / static_cast<double>(result.delivered);
}

double PerSecond(uint64_t count, double seconds) {
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

value OrNull(const std::optional<double>& number) { return number ? value(*number) : value(); }

object Scenario(const Options& o) {
  object scenario{{"clients", o.clients},       {"threads", o.threads},
                  {"publish", Name(o.publish)}, {"mode", Name(o.mode)},
                  {"batch", o.batch},           {"payload_bytes", o.payload_bytes},
                  {"publishers", o.publishers}, {"recovery", o.recovery},
                  {"trackers", o.trackers},     {"rooms", o.rooms},
                  {"stalled", o.stalled},       {"box_degrees", o.box_degrees},
                  {"targets", o.addresses.size()}};
  if (o.mode == Mode::kRate) scenario["rate"] = o.rate;
  if (o.mode == Mode::kSaturated) scenario["window"] = o.window;
  return scenario;
}

array Steps(const RunResult& result) {
  array steps;
  for (const ConnectStep& step : result.steps) {
    steps.push_back(object{{"clients", step.clients},
                           {"seconds", step.seconds},
                           {"cpu_us_per_handshake", step.cpu_us_per_handshake},
                           {"rss_bytes", step.rss_bytes}});
  }
  return steps;
}

object Delivery(const RunResult& result) {
  return {{"published", result.published},
          {"delivered", result.delivered},
          {"seconds", result.seconds},
          {"delivered_per_second", PerSecond(result.delivered, result.seconds)},
          {"exact", result.is_exact()},
          {"missing", result.faults.missing},
          {"reordered", result.faults.reordered},
          {"duplicated", result.faults.duplicated},
          {"lost_clients", result.lost_clients},
          {"lost_stalled", result.lost_stalled},
          {"uninvited", result.uninvited},
          {"other_events", result.other_events},
          {"requests", result.requests}};
}

object LatencyUs(const RunResult& result) {
  return {{"p50", Us(result.latency.Quantile(0.5))},
          {"p90", Us(result.latency.Quantile(0.9))},
          {"p99", Us(result.latency.Quantile(0.99))},
          {"max", Us(result.latency.max_ns())}};
}

value Idle(const RunResult& result) {
  if (!result.idle) return nullptr;
  return object{{"cpu_us_per_client_second", result.idle->cpu_us_per_client_second},
                {"rss_bytes", array(result.idle->rss_bytes.begin(), result.idle->rss_bytes.end())}};
}

value Storm(const RunResult& result) {
  if (!result.storm) return nullptr;
  return object{{"seconds", result.storm->seconds},
                {"cpu_us_per_client", result.storm->cpu_us_per_client},
                {"recovered", result.storm->recovered},
                {"refused", result.storm->refused},
                {"missed", result.storm->missed}};
}

template <typename... Numbers>
std::string Line(const char* format, Numbers... numbers) {
  char text[256];
  std::snprintf(text, sizeof text, format, numbers...);
  return text;
}

std::string DeliveryText(const RunResult& r) {
  std::string text = Line("delivered   %llu of %llu published, %.0f/s over %.2f s\n",
                          static_cast<unsigned long long>(r.delivered),
                          static_cast<unsigned long long>(r.published),
                          PerSecond(r.delivered, r.seconds), r.seconds);
  text += Line("exactness   %llu missing, %llu reordered, %llu duplicated, %llu clients lost\n",
               static_cast<unsigned long long>(r.faults.missing),
               static_cast<unsigned long long>(r.faults.reordered),
               static_cast<unsigned long long>(r.faults.duplicated),
               static_cast<unsigned long long>(r.lost_clients));
  text += Line("latency     p50 %.0f us, p90 %.0f us, p99 %.0f us, max %.0f us\n",
               Us(r.latency.Quantile(0.5)), Us(r.latency.Quantile(0.9)),
               Us(r.latency.Quantile(0.99)), Us(r.latency.max_ns()));
  return text;
}

}  // namespace

std::string ToJson(const Options& options, const RunResult& result) {
  const object report{{"scenario", Scenario(options)},
                      {"connect", Steps(result)},
                      {"bytes_per_client", OrNull(result.BytesPerClient())},
                      {"delivery", Delivery(result)},
                      {"latency_us", LatencyUs(result)},
                      {"server_cpu_s", OrNull(result.server_cpu_s)},
                      {"server_user_s", OrNull(result.server_user_s)},
                      {"cpu_us_per_message", OrNull(CpuUsPerMessage(result))},
                      {"own_cpu_s", result.own_cpu_s},
                      {"idle", Idle(result)},
                      {"storm", Storm(result)},
                      {"rss_bytes", result.rss_bytes},
                      {"peak_rss_bytes", result.peak_rss_bytes},
                      {"failure", result.failure ? value(*result.failure) : value()}};
  return serialize(report) + "\n";
}

std::string ToText(const Options& options, const RunResult& result) {
  std::string text;
  for (const ConnectStep& step : result.steps) {
    text += Line("connected   %zu clients in %.2f s", step.clients, step.seconds);
    if (!options.server_pids.empty()) {
      text += Line(", server %.1f us a handshake, %.1f MB resident", step.cpu_us_per_handshake,
                   static_cast<double>(step.rss_bytes) / 1e6);
    }
    text += "\n";
  }
  if (const auto bytes = result.BytesPerClient()) {
    text += Line("memory      %.0f B a client\n", *bytes);
  }
  if (result.published > 0) text += DeliveryText(result);
  if (result.idle) {
    text += Line("idle        %.3f us of server CPU a client and second\n",
                 result.idle->cpu_us_per_client_second);
  }
  if (result.storm) {
    text += Line("storm       all back in %.2f s, server %.1f us a client\n",
                 result.storm->seconds, result.storm->cpu_us_per_client);
    text += Line("            %llu recovered, %llu refused before, %llu messages missed\n",
                 static_cast<unsigned long long>(result.storm->recovered),
                 static_cast<unsigned long long>(result.storm->refused),
                 static_cast<unsigned long long>(result.storm->missed));
  }
  if (options.stalled > 0) {
    text += Line("stalled     %zu stopped reading, %llu of them were dropped\n", options.stalled,
                 static_cast<unsigned long long>(result.lost_stalled));
  }
  if (result.peak_rss_bytes > 0) {
    text += Line("resident    %.1f MB at the end, %.1f MB at most\n",
                 static_cast<double>(result.rss_bytes) / 1e6,
                 static_cast<double>(result.peak_rss_bytes) / 1e6);
  }
  if (result.server_cpu_s) {
    text += Line("server CPU  %.3f s", *result.server_cpu_s);
    if (const auto cpu = CpuUsPerMessage(result)) text += Line(", %.3f us a message", *cpu);
    text += Line("; generator %.3f s\n", result.own_cpu_s);
  }
  if (result.failure) text += "failed      " + *result.failure + "\n";
  return text;
}

}  // namespace trackwire::bench
