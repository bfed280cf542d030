#include "geocoding/geocoding_desk.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/text.h"
#include "geocoding/address_events.h"
#include "geocoding/address_look.h"
#include "geocoding/asked_book.h"
#include "geocoding/asked_watches.h"
#include "geocoding/desk_parts.h"
#include "geocoding/lookup_worker.h"
#include "geocoding/place_answer.h"
#include "geocoding/place_key.h"
#include "geocoding/place_table.h"

namespace trackwire::geocoding {
namespace {

using namespace std::chrono_literals;

constexpr size_t kIdBytes = 12;
constexpr auto kFullRetryAfter = 10s;
constexpr const char* kOffline = "offline";
/// Of the queue's room: what an answer that grew old may fill, and what nobody waits for.
constexpr size_t kShareOfOld = 2;
constexpr size_t kShareOfPrepared = 4;

AddressError QueueFull() {
  return {"queue_full", "too many requests for addresses wait", kFullRetryAfter};
}

AddressError Unavailable() { return ErrorOf(LookupFault::kUnavailable, std::nullopt); }

AddressError ErrorFrom(const Error& error) {
  return error.code == "queue_full" ? QueueFull() : Unavailable();
}

/// What was found out about a place without waiting: its answer, or its task.
struct Sought {
  std::optional<PlaceAnswer> answer;
  std::optional<PlaceTable::Queued> queued;
};
using SeekDone = std::function<void(Result<Sought, AddressError>)>;

}  // namespace

std::optional<AddressAnswer> DeskParts::Offline(const Place& place, bool provisional) const {
  if (!index) return std::nullopt;
  auto address = index->Look(place.latitude, place.longitude);
  if (!address) return std::nullopt;
  return AddressAnswer{{std::move(*address), kOffline}, false, provisional};
}

struct GeocodingDesk::Desk : std::enable_shared_from_this<GeocodingDesk::Desk> {
  explicit Desk(std::shared_ptr<DeskParts> the_parts)
      : parts(std::move(the_parts)),
        name(base::Base64UrlEncode(base::RandomBytes(kIdBytes))),
        places(std::make_shared<PlaceTable>(parts)),
        watches(std::make_shared<AskedWatches>(parts, places, name)),
        book(std::make_shared<AskedBook>(parts, watches, name)),
        worker(std::make_shared<LookupWorker>(parts)) {}

  void Start();
  void Stop();
  std::string KeyOf(const Place& place) const {
    return PlaceKey(place, parts->options.decimals, parts->options.chain, parts->options.detail);
  }
  size_t ShareOf(size_t divisor) const {
    return std::max<size_t>(parts->options.max_waiting / divisor, 1);
  }

  Taken TakeOffline(const AddressRequest& request) const;
  void Take(AddressRequest request, TakenDone done);
  void OnSought(AddressRequest request, const Result<Sought, AddressError>& sought, TakenDone done);
  Taken TellAtOnce(const AddressRequest& request, const PlaceAnswer& answer) const;
  Taken TellQueued(const AddressRequest& request, uint64_t position) const;
  Taken Refuse(AddressError error) const;

  void Seek(const Place& place, SeekDone done);
  void OnFound(const Place& place, std::optional<PlaceAnswer> answer, const SeekDone& done);
  void Queue(const Place& place, size_t max_waiting, PlaceTable::Why why,
             PlaceTable::QueueDone done);

  void Look(Place place, LookDone done);
  void Prepare(const Place& place);

  const std::shared_ptr<DeskParts> parts;
  const std::string name;
  const std::shared_ptr<PlaceTable> places;
  const std::shared_ptr<AskedWatches> watches;
  const std::shared_ptr<AskedBook> book;
  const std::shared_ptr<LookupWorker> worker;
  std::unordered_map<const AddressLook*, std::shared_ptr<AddressLook>> looks;
  std::atomic<size_t> taking{0};  ///< requests without a durable task as yet
  bool stopped = false;
};

void GeocodingDesk::Desk::Start() {
  if (!parts->chain) return;
  places->Start();
  watches->Start();
  worker->Start();
}

void GeocodingDesk::Desk::Stop() {
  if (std::exchange(stopped, true)) return;
  worker->Stop();
  watches->Stop();
  book->Stop();
  places->Stop();
  for (const auto& [key, look] : std::exchange(looks, {})) look->Fail(Unavailable());
}

GeocodingDesk::Taken GeocodingDesk::Desk::Refuse(AddressError error) const {
  if (error.code == "queue_full") DeskParts::Count(parts->counters.queue_full);
  Taken taken;
  taken.error = std::move(error);
  return taken;
}

GeocodingDesk::Taken GeocodingDesk::Desk::TakeOffline(const AddressRequest& request) const {
  if (!parts->index) return Refuse(Unavailable());
  DeskParts::Count(parts->counters.offline);
  Taken taken;
  if (const auto answer = parts->Offline(request.place, false)) {
    taken.events.push_back(ResultEvent(request, *answer));
  } else {
    taken.events.push_back(ErrorEvent(request, ErrorOf(LookupFault::kNotFound, std::nullopt)));
  }
  return taken;
}

void GeocodingDesk::Desk::Take(AddressRequest request, TakenDone done) {
  TakenDone answer = [weak = weak_from_this(), call = std::move(done)](Taken taken) {
    if (auto self = weak.lock()) self->taking.fetch_sub(1, std::memory_order_relaxed);
    call(std::move(taken));
  };
  if (stopped) return answer(Refuse(Unavailable()));
  if (taking.load(std::memory_order_relaxed) + watches->size() > parts->options.max_asked) {
    return answer(Refuse(QueueFull()));
  }
  const Place place = request.place;
  Seek(place, [weak = weak_from_this(), asked = std::move(request),
               call = std::move(answer)](const Result<Sought, AddressError>& sought) {
    auto self = weak.lock();
    if (self) return self->OnSought(asked, sought, call);
    Taken taken;
    taken.error = Unavailable();
    call(std::move(taken));
  });
}

void GeocodingDesk::Desk::OnSought(AddressRequest request,
                                   const Result<Sought, AddressError>& sought, TakenDone done) {
  if (!sought) return done(Refuse(sought.error()));
  if (sought->answer) return done(TellAtOnce(request, *sought->answer));
  // Written now: the desk may be gone when the request is durable, and it is answered all the same.
  Taken queued = TellQueued(request, sought->queued->position);
  const bool provisional = queued.events.size() > 1;
  Asked asked{std::move(request), "", sought->queued->task};
  asked.key = KeyOf(asked.request.place);
  book->Leave(std::move(asked), [parts = parts, taken = std::move(queued), provisional,
                                 call = std::move(done)](const Result<void>& left) {
    if (left) {
      if (provisional) DeskParts::Count(parts->counters.provisional);
      return call(taken);
    }
    Taken refused;
    refused.error = ErrorFrom(left.error());
    if (refused.error->code == "queue_full") DeskParts::Count(parts->counters.queue_full);
    call(std::move(refused));
  });
}

GeocodingDesk::Taken GeocodingDesk::Desk::TellAtOnce(const AddressRequest& request,
                                                     const PlaceAnswer& answer) const {
  Taken taken;
  const auto told = AnswerFor(*parts, answer, request.place, true);
  taken.events.push_back(told ? ResultEvent(request, *told) : ErrorEvent(request, told.error()));
  return taken;
}

GeocodingDesk::Taken GeocodingDesk::Desk::TellQueued(const AddressRequest& request,
                                                     uint64_t position) const {
  Taken taken;
  taken.queued = true;
  if (parts->options.provisional) {
    if (const auto answer = parts->Offline(request.place, true)) {
      taken.events.push_back(ResultEvent(request, *answer));
    }
  }
  taken.events.push_back(QueuedEvent(request, position));
  return taken;
}

void GeocodingDesk::Desk::Seek(const Place& place, SeekDone done) {
  const std::string key = KeyOf(place);
  if (auto known = places->Known(key)) {
    DeskParts::Count(parts->counters.misses);
    DeskParts::Count(parts->counters.joined);
    return done(Sought{std::nullopt, std::move(known)});
  }
  places->Find(key, [weak = weak_from_this(), place,
                     call = std::move(done)](std::optional<PlaceAnswer> answer) {
    auto self = weak.lock();
    if (!self || self->stopped) return call(Err(Unavailable()));
    self->OnFound(place, std::move(answer), call);
  });
}

void GeocodingDesk::Desk::OnFound(const Place& place, std::optional<PlaceAnswer> answer,
                                  const SeekDone& done) {
  GeocodingCounters& counters = parts->counters;
  if (answer) {
    DeskParts::Count(counters.hits);
    if (AgeOf(*answer, parts->options, parts->clock.WallNow()) != AnswerAge::kFresh) {
      DeskParts::Count(counters.stale);
      Queue(place, ShareOf(kShareOfOld), PlaceTable::Why::kOld, [](const auto&) {});
    }
    return done(Sought{std::move(answer), std::nullopt});
  }
  DeskParts::Count(counters.misses);
  Queue(place, parts->options.max_waiting, PlaceTable::Why::kMissing,
        [parts = parts, done](Result<PlaceTable::Queued> queued) {
          if (!queued) return done(Err(ErrorFrom(queued.error())));
          if (queued->joined) DeskParts::Count(parts->counters.joined);
          done(Sought{std::nullopt, std::move(*queued)});
        });
}

void GeocodingDesk::Desk::Queue(const Place& place, size_t max_waiting, PlaceTable::Why why,
                                PlaceTable::QueueDone done) {
  places->Queue(KeyOf(place), CellCentre(place, parts->options.decimals), max_waiting, why,
                std::move(done));
}

void GeocodingDesk::Desk::Look(Place place, LookDone done) {
  auto look = std::make_shared<AddressLook>(parts, std::move(place), std::move(done),
                                            [weak = weak_from_this()](AddressLook& ended) {
                                              if (auto self = weak.lock())
                                                self->looks.erase(&ended);
                                            });
  if (stopped) return look->Fail(Unavailable());
  if (looks.size() >= parts->options.max_asked) {
    DeskParts::Count(parts->counters.queue_full);
    return look->End(Err(QueueFull()));
  }
  looks.emplace(look.get(), look);
  Seek(look->place(), [weak = weak_from_this(), look](const Result<Sought, AddressError>& sought) {
    auto self = weak.lock();
    if (!sought && sought.error().code == "queue_full") {
      if (self) DeskParts::Count(self->parts->counters.queue_full);
      return look->End(Err(sought.error()));
    }
    if (!self || !sought) return look->Fail(Unavailable());
    if (sought->answer) {
      return look->End(AnswerFor(*self->parts, *sought->answer, look->place(), true));
    }
    self->places->Listen(self->KeyOf(look->place()), sought->queued->task, look, 0);
  });
}

void GeocodingDesk::Desk::Prepare(const Place& place) {
  DeskParts::Count(parts->counters.automatic);
  if (!parts->chain || stopped) return;
  const std::string key = KeyOf(place);
  if (places->Known(key)) return;
  places->Find(key, [weak = weak_from_this(), place](const std::optional<PlaceAnswer>& answer) {
    auto self = weak.lock();
    if (!self || self->stopped || answer) return;
    self->Queue(place, self->ShareOf(kShareOfPrepared), PlaceTable::Why::kMissing,
                [](const auto&) {});
  });
}

GeocodingDesk::GeocodingDesk(net::Loop& control, broker::Broker& broker, const Clock& clock,
                             std::shared_ptr<const OfflineIndex> index,
                             std::shared_ptr<Geocoder> chain, Options options)
    : desk_(std::make_shared<Desk>(std::shared_ptr<DeskParts>(new DeskParts{
          control, broker, clock, std::move(index), std::move(chain), std::move(options), {}}))) {}

GeocodingDesk::~GeocodingDesk() { desk_->Stop(); }

void GeocodingDesk::Start() { desk_->Start(); }
void GeocodingDesk::Stop() { desk_->Stop(); }

void GeocodingDesk::Request(AddressRequest request, TakenDone done) {
  DeskParts& parts = *desk_->parts;
  DeskParts::Count(parts.counters.requests);
  if (!parts.chain) return done(desk_->TakeOffline(request));
  // Counted here already: what is on its way to the loop is bounded, too.
  if (desk_->taking.fetch_add(1, std::memory_order_relaxed) >= parts.options.max_asked) {
    desk_->taking.fetch_sub(1, std::memory_order_relaxed);
    return done(desk_->Refuse(QueueFull()));
  }
  parts.control.Post(
      [weak = std::weak_ptr(desk_), asked = std::move(request), call = std::move(done)]() mutable {
        if (auto desk = weak.lock()) return desk->Take(std::move(asked), std::move(call));
        Taken taken;
        taken.error = Unavailable();
        call(std::move(taken));
      });
}

void GeocodingDesk::Look(Place place, LookDone done) {
  DeskParts& parts = *desk_->parts;
  DeskParts::Count(parts.counters.requests);
  if (!parts.chain) {
    if (!parts.index) return done(Err(Unavailable()));
    DeskParts::Count(parts.counters.offline);
    if (auto answer = parts.Offline(place, false)) return done(std::move(*answer));
    return done(Err(ErrorOf(LookupFault::kNotFound, std::nullopt)));
  }
  parts.control.Post(
      [weak = std::weak_ptr(desk_), wanted = std::move(place), call = std::move(done)]() mutable {
        if (auto desk = weak.lock()) return desk->Look(std::move(wanted), std::move(call));
        call(Err(Unavailable()));
      });
}

void GeocodingDesk::Prepare(Place place) { desk_->Prepare(place); }

const GeocodingCounters& GeocodingDesk::counters() const { return desk_->parts->counters; }
const GeocodingDesk::Options& GeocodingDesk::options() const { return desk_->parts->options; }

}  // namespace trackwire::geocoding
