#include "gateway/install_paths.h"

#include <filesystem>
#include <initializer_list>

namespace trackwire::gateway {

namespace fs = std::filesystem;

namespace {

std::string FirstThatHas(std::initializer_list<fs::path> places, const std::string& file) {
  for (const fs::path& place : places) {
    std::error_code error;
    if (fs::is_regular_file(place / file, error)) return place.lexically_normal().string();
  }
  return {};
}

}  // namespace

std::string ProgramDirectory() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  return error ? "." : program.parent_path().string();
}

std::string FindWebRoot() {
  const fs::path here = ProgramDirectory();
  return FirstThatHas({here / "web", here / "../share/trackwire/web"}, "index.html");
}

std::string FindClientFiles() {
  const fs::path here = ProgramDirectory();
  constexpr const char* kFolder = "socket.io-client";
  return FirstThatHas({here / kFolder, here / "../share/trackwire" / kFolder}, "socket.io.min.js");
}

std::string FindGeocodingIndex() {
  const fs::path here = ProgramDirectory();
  constexpr const char* kFile = "geocoding.bin";
  const std::string place = FirstThatHas({here, here / "../share/trackwire"}, kFile);
  return place.empty() ? place : (fs::path(place) / kFile).string();
}

std::string FindShippedData(const std::string& name) {
  const fs::path here = ProgramDirectory();
  const std::string place =
      FirstThatHas({here / "data", here / "../../data", here / "../share/trackwire/data"}, name);
  return place.empty() ? place : (fs::path(place) / name).string();
}

}  // namespace trackwire::gateway
