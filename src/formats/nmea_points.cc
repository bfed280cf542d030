#include "formats/ais_joiner.h"
#include "formats/gnss_joiner.h"
#include "formats/line_splitter.h"
#include "formats/point_readers.h"

namespace trackwire::formats {
namespace {

/// Sentences have 82 characters, 102 with AIS in use, and tag blocks before them.
constexpr size_t kMaxLineBytes = 1024;

class NmeaPoints final : public PointReader {
 public:
  explicit NmeaPoints(const ReaderOptions& options)
      : gnss_(options.start, options.not_before),
        ais_(options.start),
        require_checksum_(options.require_checksum) {}

  Result<void> Feed(std::string_view bytes, ReadPoints& out) override {
    lines_.Feed(bytes, [&](std::string_view line, bool whole) { TakeLine(line, whole, out); });
    return Ok();
  }
  Result<void> Finish(ReadPoints& out) override {
    lines_.Finish([&](std::string_view line, bool whole) { TakeLine(line, whole, out); });
    gnss_.Finish(out);
    ais_.Finish(out);
    return Ok();
  }
  uint64_t moved_times() const override { return gnss_.moved_times(); }

 private:
  void TakeLine(std::string_view line, bool whole, ReadPoints& out);

  LineSplitter lines_{kMaxLineBytes};
  GnssJoiner gnss_;
  AisJoiner ais_;
  const bool require_checksum_;
};

void NmeaPoints::TakeLine(std::string_view line, bool whole, ReadPoints& out) {
  if (!whole) {
    out.bad.push_back({"too_long", lines_.line()});
    return;
  }
  if (line.empty() || line[0] == '#') return;  // recordings have comments
  const auto sentence = ParseNmea(line, require_checksum_);
  if (!sentence) {
    out.bad.push_back({ToString(sentence.error()), lines_.line()});
    return;
  }
  if (gnss_.Take(*sentence, lines_.line(), out)) return;
  // A receiver of the ship's own tells the time where nothing else does.
  const auto received_at = sentence->received_at ? sentence->received_at : gnss_.now();
  ais_.Take(*sentence, lines_.line(), received_at, out);
}

}  // namespace

std::unique_ptr<PointReader> MakeNmeaPoints(const ReaderOptions& options) {
  return std::make_unique<NmeaPoints>(options);
}

}  // namespace trackwire::formats
