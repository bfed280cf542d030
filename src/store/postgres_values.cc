#include "store/postgres_values.h"

#include <bit>
#include <charconv>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/text.h"

namespace trackwire::store {
namespace {

constexpr Oid kBoolArray = 1000;
constexpr Oid kTextArray = 1009;
constexpr Oid kIntArray = 1016;
constexpr Oid kDoubleArray = 1022;

/// Appends the lowest `bytes` bytes of a number, highest first.
void AppendBig(std::string& out, uint64_t number, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out += static_cast<char>(number >> shift & 0xff);
  }
}

void AppendItem(std::string& out, std::string_view item) {
  AppendBig(out, item.size(), 4);
  out += item;
}

uint64_t ReadBig(const char* bytes, int count) {
  uint64_t number = 0;
  for (int i = 0; i < count; ++i) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

/// How many bytes the character that begins here claims to have.
size_t ClaimedBytes(unsigned char first) {
  if (first < 0x80) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

}  // namespace

std::string CleanText(std::string_view text) {
  if (text.find('\0') == std::string_view::npos && base::IsUtf8(text)) return std::string(text);
  std::string clean;
  while (!text.empty()) {
    const std::string_view character =
        text.substr(0, ClaimedBytes(static_cast<unsigned char>(text[0])));
    const bool good = text[0] != '\0' && base::IsUtf8(character);
    clean += good ? character : std::string_view("\xef\xbf\xbd");
    text.remove_prefix(good ? character.size() : 1);
  }
  return clean;
}

void PgArray::Add(int64_t value) {
  CHECK(type_ == Of::kInt);
  ++count_;
  AppendBig(items_, 8, 4);
  AppendBig(items_, static_cast<uint64_t>(value), 8);
}
void PgArray::Add(double value) {
  CHECK(type_ == Of::kDouble);
  ++count_;
  AppendBig(items_, 8, 4);
  AppendBig(items_, std::bit_cast<uint64_t>(value), 8);
}
void PgArray::Add(bool value) {
  CHECK(type_ == Of::kBool);
  ++count_;
  AppendItem(items_, std::string_view(value ? "\1" : "\0", 1));
}
void PgArray::Add(std::string_view text) {
  CHECK(type_ == Of::kText);
  ++count_;
  AppendItem(items_, CleanText(text));
}
void PgArray::AddNull() {
  ++count_;
  has_null_ = true;
  AppendBig(items_, 0xffff'ffff, 4);
}

Oid PgArray::oid() const {
  switch (type_) {
    case Of::kBool:
      return kBoolArray;
    case Of::kInt:
      return kIntArray;
    case Of::kText:
      return kTextArray;
    case Of::kDouble:
      return kDoubleArray;
  }
  return kTextArray;
}

std::string PgArray::Bytes() const {
  std::string bytes;
  bytes.reserve(items_.size() + 20);
  AppendBig(bytes, count_ > 0 ? 1 : 0, 4);  // dimensions
  AppendBig(bytes, has_null_ ? 1 : 0, 4);
  AppendBig(bytes, static_cast<uint64_t>(type_), 4);
  if (count_ == 0) return bytes;
  AppendBig(bytes, count_, 4);
  AppendBig(bytes, 1, 4);  // the first index
  return bytes + items_;
}

void PgParams::Put(Oid type, std::optional<std::string> value) {
  types_.push_back(type);
  values_.push_back(std::move(value));
}
PgParams& PgParams::Add(int64_t value) {
  std::string bytes;
  AppendBig(bytes, static_cast<uint64_t>(value), 8);
  Put(static_cast<Oid>(PgArray::Of::kInt), std::move(bytes));
  return *this;
}
PgParams& PgParams::Add(bool value) {
  Put(static_cast<Oid>(PgArray::Of::kBool), std::string(1, value ? '\1' : '\0'));
  return *this;
}
PgParams& PgParams::Add(std::string_view text) {
  Put(static_cast<Oid>(PgArray::Of::kText), CleanText(text));
  return *this;
}
PgParams& PgParams::AddOptional(const std::optional<std::string>& text) {
  if (text) return Add(std::string_view(*text));
  Put(static_cast<Oid>(PgArray::Of::kText), std::nullopt);
  return *this;
}
PgParams& PgParams::Add(const PgArray& array) {
  Put(array.oid(), array.Bytes());
  return *this;
}

bool PgParams::Send(PGconn* connection, const char* sql) const {
  const size_t count = values_.size();
  std::vector<const char*> values(count, nullptr);
  std::vector<int> lengths(count, 0);
  const std::vector<int> formats(count, 1);
  for (size_t i = 0; i < count; ++i) {
    if (!values_[i]) continue;
    values[i] = values_[i]->data();
    lengths[i] = static_cast<int>(values_[i]->size());
  }
  return PQsendQueryParams(connection, sql, static_cast<int>(count), types_.data(), values.data(),
                           lengths.data(), formats.data(), 1) == 1;
}

int64_t PgRows::changed() const {
  const char* text = PQcmdTuples(result_.get());
  int64_t count = 0;
  std::from_chars(text, text + std::strlen(text), count);
  return count;
}

int64_t PgRows::Int(int row, int column) const {
  const char* bytes = PQgetvalue(result_.get(), row, column);
  switch (PQgetlength(result_.get(), row, column)) {
    case 2:
      return static_cast<int16_t>(ReadBig(bytes, 2));
    case 4:
      return static_cast<int32_t>(ReadBig(bytes, 4));
    case 8:
      return static_cast<int64_t>(ReadBig(bytes, 8));
    default:
      return 0;
  }
}

double PgRows::Double(int row, int column) const {
  if (PQgetlength(result_.get(), row, column) != 8) return 0;
  return std::bit_cast<double>(ReadBig(PQgetvalue(result_.get(), row, column), 8));
}

std::optional<double> PgRows::OptionalDouble(int row, int column) const {
  if (IsNull(row, column)) return std::nullopt;
  return Double(row, column);
}

bool PgRows::Bool(int row, int column) const {
  return PQgetlength(result_.get(), row, column) == 1 &&
         PQgetvalue(result_.get(), row, column)[0] != 0;
}

std::string_view PgRows::Text(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column),
          static_cast<size_t>(PQgetlength(result_.get(), row, column))};
}

}  // namespace trackwire::store
