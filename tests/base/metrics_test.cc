#include "base/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trackwire::base {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;
using testing::HasSubstr;

TEST(LatencyHistogramTest, SortsIntoDoublingBuckets) {
  LatencyHistogram histogram;
  histogram.Record(microseconds(0));
  histogram.Record(microseconds(64));
  histogram.Record(microseconds(65));
  histogram.Record(microseconds(128));
  histogram.Record(microseconds(129));
  histogram.Record(seconds(1000));
  histogram.Record(microseconds(-5));
  EXPECT_EQ(histogram.bucket(0), 3u);
  EXPECT_EQ(histogram.bucket(1), 2u);
  EXPECT_EQ(histogram.bucket(2), 1u);
  EXPECT_EQ(histogram.bucket(LatencyHistogram::kBuckets), 1u);
  EXPECT_EQ(histogram.count(), 7u);
}

TEST(LatencyHistogramTest, AddsUp) {
  LatencyHistogram a;
  LatencyHistogram b;
  a.Record(microseconds(10));
  b.Record(microseconds(10));
  a.Add(b);
  EXPECT_EQ(a.bucket(0), 2u);
  EXPECT_NEAR(a.sum_seconds(), 20e-6, 1e-12);
}

TEST(MetricsTextTest, WritesTheExpositionFormat) {
  MetricsText text;
  text.Family("trackwire_connections", "gauge", "Open connections.");
  text.Sample("trackwire_connections", "transport=\"polling\"", 3);
  LatencyHistogram histogram;
  histogram.Record(microseconds(100));
  text.Histogram("trackwire_delivery_seconds", histogram);
  EXPECT_THAT(text.text(), HasSubstr("# TYPE trackwire_connections gauge\n"));
  EXPECT_THAT(text.text(), HasSubstr("trackwire_connections{transport=\"polling\"} 3\n"));
  EXPECT_THAT(text.text(), HasSubstr("trackwire_delivery_seconds_bucket{le=\"0.000064\"} 0\n"));
  EXPECT_THAT(text.text(), HasSubstr("trackwire_delivery_seconds_bucket{le=\"0.000128\"} 1\n"));
  EXPECT_THAT(text.text(), HasSubstr("trackwire_delivery_seconds_bucket{le=\"+Inf\"} 1\n"));
  EXPECT_THAT(text.text(), HasSubstr("trackwire_delivery_seconds_count 1\n"));
}

}  // namespace
}  // namespace trackwire::base
