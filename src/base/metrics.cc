#include "base/metrics.h"

#include <bit>
#include <cmath>

#include "base/json_scanner.h"

namespace trackwire::base {
namespace {

constexpr uint64_t kFirstBoundNs = 64'000;

void AppendValue(std::string& out, double value) {
  if (std::isfinite(value)) {
    AppendJsonNumber(out, value);
  } else {
    out += value > 0 ? "+Inf" : std::isnan(value) ? "NaN" : "-Inf";
  }
}

}  // namespace

void LatencyHistogram::Record(std::chrono::nanoseconds latency) {
  const uint64_t ns = latency.count() < 0 ? 0 : static_cast<uint64_t>(latency.count());
  // The index is the number of doublings of the first bound needed to reach the value.
  const uint64_t steps = ns == 0 ? 0 : (ns - 1) / kFirstBoundNs;
  const int index = std::bit_width(steps);
  ++buckets_[static_cast<size_t>(index < kBuckets ? index : kBuckets)];
  ++count_;
  sum_seconds_ += static_cast<double>(ns) * 1e-9;
}

void LatencyHistogram::Add(const LatencyHistogram& other) {
  for (size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  sum_seconds_ += other.sum_seconds_;
}

double LatencyHistogram::BoundSeconds(int index) {
  return static_cast<double>(kFirstBoundNs << index) / 1e9;
}

void MetricsText::Family(std::string_view name, std::string_view type, std::string_view help) {
  text_.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ");
  text_.append(name).append(" ").append(type).append("\n");
}

void MetricsText::Sample(std::string_view name, std::string_view labels, double value) {
  text_.append(name);
  if (!labels.empty()) text_.append("{").append(labels).append("}");
  text_ += ' ';
  AppendValue(text_, value);
  text_ += '\n';
}

void MetricsText::Histogram(std::string_view name, const LatencyHistogram& histogram) {
  const std::string bucket = std::string(name) + "_bucket";
  double below = 0;
  for (int i = 0; i < LatencyHistogram::kBuckets; ++i) {
    below += static_cast<double>(histogram.bucket(i));
    std::string label = "le=\"";
    AppendValue(label, LatencyHistogram::BoundSeconds(i));
    Sample(bucket, label + "\"", below);
  }
  Sample(bucket, "le=\"+Inf\"", static_cast<double>(histogram.count()));
  Sample(std::string(name) + "_sum", "", histogram.sum_seconds());
  Sample(std::string(name) + "_count", "", static_cast<double>(histogram.count()));
}

}  // namespace trackwire::base
