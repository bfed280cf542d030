// One body as the answer of Nominatim and of Photon: what is read of it is bounded text for people.
#include <cmath>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/text.h"
#include "geocoding/nominatim.h"
#include "geocoding/photon.h"

using namespace trackwire;             // NOLINT
using namespace trackwire::geocoding;  // NOLINT

namespace {

void CheckText(const std::string& text, size_t most) {
  CHECK(text.size() <= most && base::IsUtf8(text));
  for (const char c : text) CHECK(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  CHECK(CleanText(text, most) == text);
}

void CheckAnswer(const Result<Address, AnswerError>& read) {
  if (!read) {
    CHECK(!read.error().detail.empty());
    return;
  }
  CHECK(!read->display_name.empty());
  CheckText(read->display_name, kMaxLineBytes);
  for (const std::string* name : {&read->country, &read->state, &read->city, &read->road,
                                  &read->house_number, &read->postcode}) {
    CheckText(*name, kMaxNameBytes);
  }
  CHECK(read->country_code.empty() || read->country_code.size() == 2);
  for (const char letter : read->country_code) CHECK(letter >= 'A' && letter <= 'Z');
  CHECK(*read->distance_m >= 0 && *read->distance_m < 20'100'000);
  CHECK(*read->bearing >= 0 && *read->bearing < 360);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const Place asked{50, 14, "en"};
  for (const double farthest : {1'000.0, 1e9}) {
    CheckAnswer(ReadNominatim(body, asked, farthest));
    CheckAnswer(ReadPhoton(body, asked, farthest));
  }
  IsPhotonLanguageError(body);
  return 0;
}
