#include "notify/intake.h"

#include <memory>

#include "base/log.h"
#include "ingest/envelope.h"

namespace trackwire::notify {

/// The envelopes of one body, valid ones apart from refused ones.
struct Intake::Sorted {
  bool array = false;
  std::vector<broker::AppendRequest> requests;
  std::vector<IntakeResult> results;
  std::vector<size_t> places;  ///< of each request in `results`
};

Intake::Intake(net::Loop& loop, broker::Broker& broker, Options options)
    : loop_(loop),
      broker_(broker),
      options_(options),
      retry_([](void* self) { static_cast<Intake*>(self)->RetryHeard(); }, this) {}

void Intake::Take(std::string body, Done done) {
  if (away_.load(std::memory_order_relaxed)) {
    http_.unavailable.fetch_add(1);
    done(Err("unavailable", "the broker is away; try again"));
    return;
  }
  const uint64_t size = body.size();
  if (waiting_bytes_.fetch_add(size) + size > options_.max_waiting_bytes) {
    waiting_bytes_.fetch_sub(size);
    http_.unavailable.fetch_add(1);
    done(Err("queue_full", "too many notifications wait to be stored; try again"));
    return;
  }
  Done settled = [this, size, done = std::move(done)](Result<IntakeAnswer> answer) {
    waiting_bytes_.fetch_sub(size);
    done(std::move(answer));
  };
  loop_.Post([this, body = std::move(body), accepted_at = Steady::now(),
              settled = std::move(settled)] { Work(body, accepted_at, settled); });
}

SourceCounters Intake::Counts::Read() const {
  return {accepted.load(), duplicates.load(), rejected.load(), unavailable.load()};
}

IntakeCounters Intake::counters() const {
  IntakeCounters out;
  out.http = http_.Read();
  out.channel = channel_.Read();
  out.inbox = inbox_.Read();
  out.waiting_bytes = waiting_bytes_.load();
  out.retries = retries_.load();
  return out;
}

void Intake::Work(const std::string& body, Steady::time_point accepted_at, const Done& done) {
  auto sorted = Sort(body, accepted_at);
  if (!sorted) {
    Reject(body, sorted.error());
    done(Err(sorted.error()));
    return;
  }
  if (sorted->requests.empty()) {
    done(IntakeAnswer{sorted->array, std::move(sorted->results)});
    return;
  }
  Store(std::move(*sorted), done);
}

Result<Intake::Sorted> Intake::Sort(const std::string& body, Steady::time_point accepted_at) {
  const auto value = base::ScanJson(body);
  if (!value) {
    return Err("bad_json", std::string("the body is not JSON: ") + ToString(value.error()));
  }
  Sorted sorted;
  if (value->is_object()) {
    SortOne(*value, accepted_at, sorted);
    return sorted;
  }
  if (!value->is_array()) {
    return Err("not_an_envelope", "the body must be an envelope or an array of them");
  }
  sorted.array = true;
  base::JsonArrayReader elements(*value);
  while (auto element = elements.Next()) {
    if (sorted.results.size() == options_.max_envelopes) {
      return Err("too_many", "more than " + std::to_string(options_.max_envelopes) +
                                 " envelopes in one body; none was taken");
    }
    SortOne(*element, accepted_at, sorted);
  }
  return sorted;
}

void Intake::SortOne(base::JsonValue value, Steady::time_point accepted_at, Sorted& sorted) {
  IntakeResult& result = sorted.results.emplace_back();
  auto envelope = ingest::ParseEnvelope(value.text, options_.max_envelope_bytes);
  if (!envelope) {
    Reject(value.text, envelope.error());
    result.error = envelope.error();
    return;
  }
  sorted.places.push_back(sorted.results.size() - 1);
  sorted.requests.push_back({std::string(value.text), std::move(envelope->id), accepted_at});
}

void Intake::Reject(std::string_view envelope, const Error& error) {
  http_.rejected.fetch_add(1);
  base::LogWarn("notify", "a notification was refused",
                {{"reason", error.code}, {"detail", error.detail}});
  // The broker cuts what it keeps; a copy of a whole large body on the way there helps nobody.
  constexpr size_t kKept = 8'192;
  broker_.Reject({std::string(envelope.substr(0, kKept)), error.code});
}

void Intake::Store(Sorted sorted, const Done& done) {
  auto shared = std::make_shared<Sorted>(std::move(sorted));
  std::vector<broker::AppendRequest> requests = std::move(shared->requests);
  broker_.log().Append(std::move(requests),
                       [this, shared, done](Result<std::vector<broker::Appended>> appended) {
                         if (!appended) {
                           http_.unavailable.fetch_add(shared->places.size());
                           base::LogError("notify", "notifications could not be stored",
                                          {{"reason", appended.error().code}});
                           done(Err(appended.error()));
                           return;
                         }
                         for (size_t i = 0; i < shared->places.size(); ++i) {
                           IntakeResult& result = shared->results[shared->places[i]];
                           result.offset = (*appended)[i].offset.ToString();
                           result.duplicate = (*appended)[i].duplicate;
                           (result.duplicate ? http_.duplicates : http_.accepted).fetch_add(1);
                         }
                         done(IntakeAnswer{shared->array, std::move(shared->results)});
                       });
}

}  // namespace trackwire::notify
