// A request as it comes: the query, and after a zero byte its variables as JSON. Whatever it is,
// the response is JSON with data or errors.
#include <boost/json/parse.hpp>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "base/json_scanner.h"
#include "tests/graphql/mock.h"

using namespace trackwire::graphql;  // NOLINT

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto engine = testing::MockEngine(testing::ServedAnimals(),
                                                 {{"Moment", testing::Anything()}});
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t end = std::min(text.find('\0'), text.size());
  Request request;
  request.query = std::string(text.substr(0, end));
  boost::system::error_code error;
  const auto variables = json::parse(text.substr(std::min(end + 1, text.size())), error);
  if (!error && variables.is_object()) request.variables = variables.get_object();
  const Response response = testing::Answer(*engine, std::move(request));
  const auto json = trackwire::base::ScanJson(response.body, 512);
  CHECK(json && json->is_object());
  const bool executed = response.kind == Response::Kind::kExecuted;
  CHECK(trackwire::base::FindMember(*json, "data").has_value() == executed);
  CHECK(executed || trackwire::base::FindMember(*json, "errors"));
  return 0;
}
