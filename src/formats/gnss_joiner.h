#pragma once

#include <optional>

#include "formats/nmea_sentence.h"
#include "formats/point_reader.h"

namespace trackwire::formats {

/// Makes one fix of the RMC and GGA sentences that a receiver sends about the same moment; one kind
/// alone will do. Times without a date (GGA) are put on the day of the last RMC or ZDA, over
/// midnight too. Any talker.
class GnssJoiner {
 public:
  /// As in ReaderOptions.
  GnssJoiner(std::optional<WallTime> start, WallTime not_before);

  /// Whether it is a sentence for this. Appends the fix before, once that is complete; an entry
  /// that is bad says `bad_time` or `bad_coordinates`, one without reception `no_fix`.
  bool Take(const NmeaSentence& sentence, uint64_t line, ReadPoints& out);
  void Finish(ReadPoints& out) { Flush(out); }
  /// The time of the last sentence, once a date is known.
  std::optional<WallTime> now() const { return now_; }
  uint64_t moved_times() const { return moved_; }

 private:
  /// What is known of one moment.
  struct Moment {
    std::chrono::milliseconds time_of_day{0};
    std::optional<std::chrono::sys_days> date;
    uint64_t line = 0;
    bool has_rmc = false;
    bool has_gga = false;
    bool received = true;  ///< every sentence says that there is a fix
    bool measured = true;  ///< not estimated, typed in or simulated
    std::optional<double> latitude, longitude;
    std::optional<double> speed_mps, course_deg, altitude_m, hdop, satellites;
  };

  void TakeRmc(const NmeaSentence& sentence);
  void TakeGga(const NmeaSentence& sentence);
  void TakeZda(const NmeaSentence& sentence);
  void Locate(const NmeaSentence& sentence, size_t first_field);
  void Flush(ReadPoints& out);
  std::optional<WallTime> TimeOf(const Moment& moment);
  WallTime Unturned(WallTime time);

  const WallTime not_before_;
  std::optional<Moment> moment_;
  std::optional<std::chrono::sys_days> date_;  ///< as the receiver says it
  std::chrono::milliseconds last_time_of_day_{0};
  std::optional<WallTime> now_;
  uint32_t segment_ = 0;
  bool lost_ = false;
  uint64_t moved_ = 0;
};

}  // namespace trackwire::formats
