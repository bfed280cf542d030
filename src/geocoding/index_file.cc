#include "geocoding/index_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>

#include "geocoding/index_check.h"

namespace trackwire::geocoding {
namespace {

static_assert(std::endian::native == std::endian::little, "the file's numbers are little-endian");
static_assert(sizeof(AttributionRecord) == 12 && sizeof(CountryRecord) == 24);
static_assert(sizeof(MixedRecord) == 12 && sizeof(RingRecord) == 8 && sizeof(VertexRecord) == 4);
static_assert(sizeof(MaskRecord) == 512 && sizeof(NodeRecord) == 36 && sizeof(PlaceRecord) == 24);

constexpr std::string_view kMagic = "TRACKGEO";
constexpr uint32_t kVersion = 1;
constexpr size_t kSections = 11;
constexpr size_t kCells = 180 * 360;

struct Header {
  std::array<char, 8> magic;
  uint32_t version;
  uint32_t bytes;
  struct Section {
    uint32_t offset;
    uint32_t count;
  };
  std::array<Section, kSections> sections;
};

/// The records of a section, or false when they are not within the file.
template <typename Record>
bool Find(std::span<const std::byte> bytes, const Header::Section& section,
          std::span<const Record>& records) {
  const uint64_t end = section.offset + uint64_t{section.count} * sizeof(Record);
  if (section.offset % 8 != 0 || section.offset < sizeof(Header) || end > bytes.size())
    return false;
  records = {reinterpret_cast<const Record*>(bytes.data() + section.offset), section.count};
  return true;
}

Error Unreadable(const std::string& path) {
  return {"no_index", path + ": " + std::strerror(errno)};
}

Error Bad(const std::string& what) { return {"bad_index", "the geocoding index " + what}; }

}  // namespace

Result<std::unique_ptr<const IndexFile>> IndexFile::Map(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return Err(Unreadable(path));
  struct stat status {};
  if (::fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(file);
    return Err("no_index", path + ": no regular file");
  }
  const size_t size = static_cast<size_t>(status.st_size);
  if (size < sizeof(Header)) {
    ::close(file);
    return Err(Bad("is too short"));
  }
  void* memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  const Error unmapped = memory == MAP_FAILED ? Unreadable(path) : Error{};
  ::close(file);
  if (memory == MAP_FAILED) return Err(unmapped);
  const std::span bytes(static_cast<const std::byte*>(memory), size);
  std::unique_ptr<IndexFile> index(new IndexFile(bytes, true));
  if (auto wrong = index->FindSections(); !wrong.empty()) return Err(Bad(wrong));
  return std::unique_ptr<const IndexFile>(std::move(index));
}

Result<std::unique_ptr<const IndexFile>> IndexFile::Read(std::span<const std::byte> bytes) {
  CHECK(reinterpret_cast<uintptr_t>(bytes.data()) % 8 == 0);
  std::unique_ptr<IndexFile> index(new IndexFile(bytes, false));
  if (auto wrong = index->FindSections(); !wrong.empty()) return Err(Bad(wrong));
  return std::unique_ptr<const IndexFile>(std::move(index));
}

IndexFile::~IndexFile() {
  if (mapped_) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

std::string IndexFile::FindSections() {
  if (bytes_.size() < sizeof(Header)) return "is too short";
  Header header;
  std::memcpy(&header, bytes_.data(), sizeof header);
  if (std::string_view(header.magic.data(), header.magic.size()) != kMagic) {
    return "is no file of this format";
  }
  if (header.version != kVersion) return "is of another version";
  if (header.bytes != bytes_.size()) return "is cut off";
  const auto& at = header.sections;
  const bool found =
      Find(bytes_, at[0], attributions) && Find(bytes_, at[1], countries) &&
      Find(bytes_, at[2], states) && Find(bytes_, at[3], cells) && Find(bytes_, at[4], mixed) &&
      Find(bytes_, at[5], rings) && Find(bytes_, at[6], vertices) && Find(bytes_, at[7], masks) &&
      Find(bytes_, at[8], nodes) && Find(bytes_, at[9], places) && Find(bytes_, at[10], texts_);
  if (!found) return "has a section outside of it";
  if (cells.size() != kCells) return "has a wrong number of cells";
  return CheckIndex(*this);
}

std::string_view IndexFile::Text(uint32_t number) const {
  uint16_t length = 0;
  if (texts_.size() < sizeof length || number > texts_.size() - sizeof length) return {};
  std::memcpy(&length, texts_.data() + number, sizeof length);
  if (length > texts_.size() - sizeof length - number) return {};
  return {texts_.data() + number + sizeof length, length};
}

}  // namespace trackwire::geocoding
