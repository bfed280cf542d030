// What is read as a document must be printed as one that says the same and prints the same, and the
// rules of validation must come to an end about it.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "graphql/parser.h"
#include "graphql/printer.h"
#include "tests/graphql/animals.h"

using namespace trackwire::graphql;  // NOLINT

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto document = Parse(std::string(reinterpret_cast<const char*>(data), size));
  if (!document) {
    CHECK(!document.error().code.empty() && !document.error().message.empty());
    return 0;
  }
  const std::string printed = Print(*document);
  // Names and indentation may make it longer than what a client may send.
  ParseLimits limits;
  limits.max_bytes = printed.size();
  const auto again = Parse(printed, limits);
  CHECK(again && again->SaysTheSameAs(*document));
  CHECK(Print(*again) == printed);
  for (const Problem& problem : Validate(testing::Animals(), *document, {})) {
    CHECK(!problem.code.empty() && !problem.message.empty());
  }
  return 0;
}
