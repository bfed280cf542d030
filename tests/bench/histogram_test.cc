#include "load/histogram.h"

#include <gtest/gtest.h>

namespace trackwire::bench {
namespace {

TEST(HistogramTest, IsZeroWhileEmpty) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.max_ns(), 0);
  EXPECT_EQ(histogram.Quantile(0.5), 0);
}

TEST(HistogramTest, IsExactForSmallValues) {
  Histogram histogram;
  for (int64_t ns = 1; ns <= 50; ++ns) histogram.Add(ns);
  EXPECT_EQ(histogram.Quantile(0.5), 25);
  EXPECT_EQ(histogram.Quantile(0.9), 45);
  EXPECT_EQ(histogram.Quantile(1.0), 50);
}

TEST(HistogramTest, StaysWithinItsPrecisionAtEveryMagnitude) {
  for (int64_t value = 1; value < int64_t{1} << 60; value = value * 3 + 1) {
    Histogram histogram;
    histogram.Add(value);
    histogram.Add(value * 4);
    const auto quantile = static_cast<double>(histogram.Quantile(0.5));
    EXPECT_GE(quantile, static_cast<double>(value));
    EXPECT_LE(quantile, static_cast<double>(value) * (1 + 1.0 / 64)) << value;
    EXPECT_EQ(histogram.Quantile(1.0), value * 4);
  }
}

TEST(HistogramTest, CountsNegativeDurationsAsZero) {
  Histogram histogram;
  histogram.Add(-5);
  EXPECT_EQ(histogram.count(), 1u);
  EXPECT_EQ(histogram.Quantile(1.0), 0);
}

TEST(HistogramTest, MergesAsIfAllHadBeenAddedToOne) {
  Histogram low;
  Histogram high;
  Histogram all;
  for (int64_t ns = 0; ns < 10'000; ns += 7) {
    (ns < 5000 ? low : high).Add(ns * 1000);
    all.Add(ns * 1000);
  }
  low.Merge(high);
  EXPECT_EQ(low.count(), all.count());
  EXPECT_EQ(low.max_ns(), all.max_ns());
  for (const double fraction : {0.01, 0.5, 0.9, 0.99, 1.0}) {
    EXPECT_EQ(low.Quantile(fraction), all.Quantile(fraction));
  }
}

}  // namespace
}  // namespace trackwire::bench
