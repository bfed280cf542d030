#include <cstdio>
#include <iostream>

#include "base/json_scanner.h"
#include "cli/commands.h"
#include "cli/envelope_batch.h"

namespace trackwire::cli {
namespace {

/// Collects envelopes, posts them in batches and prints what became of each.
class Publisher {
 public:
  Publisher(HttpPoster& poster, size_t max_body_bytes)
      : poster_(poster), waiting_(max_body_bytes) {}

  /// Takes an envelope or an array of them. False: nothing more will work.
  bool Take(std::string text) {
    const auto value = base::ScanJson(text);
    if (!value) {
      ok_ = false;
      Complain("envelope " + std::to_string(taken_ + 1) + " is not JSON", kFailed);
      return true;
    }
    if (!value->is_array()) return Add(std::move(text));
    base::JsonArrayReader elements(*value);
    while (auto element = elements.Next()) {
      if (!Add(std::string(element->text))) return false;
    }
    return true;
  }

  bool Flush() {
    if (waiting_.empty()) return true;
    auto outcome = PostBatch(poster_, waiting_.Take());
    if (!outcome) {
      Complain(outcome.error().detail, kFailed);
      ok_ = false;
      return false;
    }
    for (size_t i = 0; i < outcome->offsets.size(); ++i) {
      ++answered_;
      if (outcome->errors[i].empty()) {
        std::printf("%s\n", outcome->offsets[i].c_str());
      } else {
        ok_ = false;
        Complain("envelope " + std::to_string(answered_) + ": " + outcome->errors[i], kFailed);
      }
    }
    std::fflush(stdout);
    return true;
  }

  bool ok() const { return ok_; }

 private:
  bool Add(std::string envelope) {
    ++taken_;
    if (!waiting_.HasRoomFor(envelope.size()) && !Flush()) return false;
    waiting_.Add(std::move(envelope));
    return true;
  }

  HttpPoster& poster_;
  EnvelopeBatch waiting_;
  size_t taken_ = 0;
  size_t answered_ = 0;
  bool ok_ = true;
};

}  // namespace

int Publish(const Arguments& arguments, const gateway::Config& config) {
  auto token = PublishingToken(arguments, config);
  if (!token) return Complain(token.error().detail, kFailed);
  HttpPoster poster(arguments.url, *token, arguments.ca);
  Publisher publisher(poster, static_cast<size_t>(config.limits_max_payload_bytes));
  bool going = true;
  for (const std::string& envelope : arguments.envelopes) {
    going = going && publisher.Take(envelope);
  }
  bool read = true;
  if (arguments.envelopes.empty()) {
    auto done = ReadJsonTexts(std::cin, [&](std::string text) {
      going = publisher.Take(std::move(text));
      return going;
    });
    if (!done) {
      Complain(done.error().detail, kFailed);
      read = false;
    }
  }
  if (going) publisher.Flush();
  return read && publisher.ok() ? kFine : kFailed;
}

}  // namespace trackwire::cli
