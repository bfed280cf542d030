#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "formats/ais_message.h"
#include "formats/nmea_sentence.h"
#include "formats/point_reader.h"

namespace trackwire::formats {

/// Puts the parts of AIS messages together and makes points of them, one tracker for each MMSI; a
/// message that only tells a name gives a report without a place.
class AisJoiner {
 public:
  /// `start`: when the recording begins, for one that says no times; minutes are counted from there
  /// by how the seconds run.
  explicit AisJoiner(std::optional<WallTime> start) : counted_(start) {}

  /// Whether it is a sentence for this. `received_at`: of the sentence, if anybody knows. Bad
  /// entries: those of AisError, `ais_bad_parts`, `ais_incomplete` (parts that never came: after
  /// half a minute, 500 sentences, or at the end).
  bool Take(const NmeaSentence& sentence, uint64_t line, std::optional<WallTime> received_at,
            ReadPoints& out);
  void Finish(ReadPoints& out);

 private:
  struct Parts {
    int total = 0;
    int next = 0;
    std::string payload;
    uint64_t line = 0;
    uint64_t sentence = 0;
    std::optional<WallTime> received_at;
  };
  using Key = std::pair<char, char>;  ///< sequence number and channel

  void Expire(std::optional<WallTime> now, ReadPoints& out);
  void TakePart(const NmeaSentence& sentence, int total, int part, uint64_t line,
                std::optional<WallTime> received_at, ReadPoints& out);
  void Decode(std::string_view payload, std::string_view fill, uint64_t line,
              std::optional<WallTime> received_at, ReadPoints& out);
  std::optional<WallTime> TimeOf(const AisMessage& message, std::optional<WallTime> received_at);

  std::optional<WallTime> counted_;
  std::map<Key, Parts> waiting_;
  uint64_t sentences_ = 0;
};

}  // namespace trackwire::formats
