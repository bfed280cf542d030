#pragma once

#include <string>

#include "fetcher/providers/replay.h"

namespace trackwire::fetcher {

/// The demonstration: the recorded traffic of the US West Coast in `path`
/// (data/ais-us-west-2022-01-03.csv.gz), at twice its speed, over and over, all public, shared out
/// among five made-up clients. The first twelve minutes are put in at once, so that the map is full
/// from the start; a ship silent for ten minutes goes offline.
ReplayOptions DemoOptions(std::string path);

}  // namespace trackwire::fetcher
