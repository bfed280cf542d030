// What a notification goes through between intake and sockets: JSON, envelope, audience, filter.
#include <benchmark/benchmark.h>

#include "base/check.h"
#include "base/json_scanner.h"
#include "ingest/envelope.h"
#include "micro/sample.h"
#include "notify/audience.h"
#include "notify/field_filter.h"
#include "notify/view.h"

namespace trackwire::bench {
namespace {

constexpr size_t kMaxEnvelopeBytes = 65'536;

void JsonScan(benchmark::State& state) {
  const std::string text = SampleEnvelope();
  for (auto _ : state) {
    auto value = base::ScanJson(text);
    CHECK(value);
    benchmark::DoNotOptimize(value);
  }
  state.SetBytesProcessed(static_cast<int64_t>(text.size()) * state.iterations());
}
BENCHMARK(JsonScan);

void JsonScanArray(benchmark::State& state) {
  std::string text = "[";
  for (int i = 0; i < 1000; ++i) text += (i > 0 ? "," : "") + SamplePosition(i);
  text += "]";
  for (auto _ : state) {
    auto value = base::ScanJson(text);
    CHECK(value);
    benchmark::DoNotOptimize(value);
  }
  state.SetBytesProcessed(static_cast<int64_t>(text.size()) * state.iterations());
}
BENCHMARK(JsonScanArray);

void EnvelopeParse(benchmark::State& state) {
  const std::string text = SampleEnvelope();
  for (auto _ : state) {
    auto envelope = ingest::ParseEnvelope(text, kMaxEnvelopeBytes);
    CHECK(envelope);
    benchmark::DoNotOptimize(envelope);
  }
  state.SetBytesProcessed(static_cast<int64_t>(text.size()) * state.iterations());
}
BENCHMARK(EnvelopeParse);

void EnvelopeMake(benchmark::State& state) {
  const std::string position = SamplePosition();
  const std::optional<tracking::Id> tracker(tracking::Id(std::string("vehicle-1000")));
  for (auto _ : state) {
    std::string text = ingest::MakeEnvelope("tracker_location_updated", position, tracker, "");
    benchmark::DoNotOptimize(text);
  }
}
BENCHMARK(EnvelopeMake);

/// An audience as dispatch makes it, of a tracker that belongs to a client.
struct Scene {
  std::string text = SampleEnvelope();
  ingest::Envelope envelope = *ingest::ParseEnvelope(text, kMaxEnvelopeBytes);
  tracking::Tracker tracker;
  notify::VisibilityRules rules;
  Scene() {
    tracker.id = *envelope.tracker_id;
    tracker.client_id = tracking::Id(std::string("acme"));
  }
  notify::Audience Audience() const { return notify::AudienceOf(envelope, &tracker, rules); }
};

void AudienceOfEnvelope(benchmark::State& state) {
  const Scene scene;
  const std::vector<notify::View> views{0, 1};
  for (auto _ : state) {
    const notify::Audience audience = scene.Audience();
    auto rooms = notify::RoomsOf(audience, views);
    benchmark::DoNotOptimize(rooms);
  }
}
BENCHMARK(AudienceOfEnvelope);

void AudienceAdmits(benchmark::State& state) {
  const Scene scene;
  notify::Audience audience = scene.Audience();
  audience.subject.emplace();
  audience.subject->tracker = scene.tracker.id;
  audience.subject->place = tracking::LatLon{48.8512, 2.2915};
  auth::Identity member;
  member.authenticated = true;
  member.user = "someone";
  member.clients = {"\"acme\""};
  tracking::Selection selection;
  selection.box = tracking::BoundingBox{2.2, 48.8, 2.4, 48.9};
  for (auto _ : state) {
    bool admitted = audience.Admits(member, &selection, "sid");
    CHECK(admitted);
    benchmark::DoNotOptimize(admitted);
  }
}
BENCHMARK(AudienceAdmits);

notify::FieldFilter SampleFilter() {
  return notify::FieldFilter({{notify::NormalFieldName("api_key"), 3},
                              {notify::NormalFieldName("battery_level"), 1},
                              {notify::NormalFieldName("driver_phone"), 1}});
}

void FieldFilterFind(benchmark::State& state) {
  const notify::FieldFilter filter = SampleFilter();
  const std::string text = SamplePosition();
  for (auto _ : state) {
    auto hidden = filter.Find(text);
    CHECK(hidden != 0);
    benchmark::DoNotOptimize(hidden);
  }
  state.SetBytesProcessed(static_cast<int64_t>(text.size()) * state.iterations());
}
BENCHMARK(FieldFilterFind);

void FieldFilterAppend(benchmark::State& state) {
  const notify::FieldFilter filter = SampleFilter();
  const std::string text = SamplePosition();
  std::string out;
  for (auto _ : state) {
    out.clear();
    filter.Append(0, text, out);
    CHECK(out.size() < text.size());
  }
  state.SetBytesProcessed(static_cast<int64_t>(text.size()) * state.iterations());
}
BENCHMARK(FieldFilterAppend);

void ViewsSplit(benchmark::State& state) {
  notify::FieldRules rules;
  rules.hidden_fields = {"api_key"};
  rules.hidden_from = {"anonymous=battery_level"};
  const auto views = notify::Views::Make(rules);
  CHECK(views);
  const std::string text = SamplePosition();
  for (auto _ : state) {
    auto variants = views->Split(text);
    CHECK(variants.size() == 2);
    benchmark::DoNotOptimize(variants);
  }
}
BENCHMARK(ViewsSplit);

}  // namespace
}  // namespace trackwire::bench
