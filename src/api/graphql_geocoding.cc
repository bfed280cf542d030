// Addresses of points.
#include <memory>
#include <utility>

#include "api/geocode.h"
#include "api/graphql_page.h"
#include "api/graphql_schema.h"
#include "auth/rate_limits.h"

namespace trackwire::api {
namespace {

using geocoding::Address;
using geocoding::AddressAnswer;
using geocoding::AddressError;
using geocoding::Place;
using graphql::Call;
using graphql::Failure;
using graphql::Reply;
using graphql::Resolved;

/// The source of `GeocodingResult`.
struct GraphqlAddress {
  GraphqlPlace place;
  AddressAnswer answer;
};

/// Looks up the places of one batch, each counted as a request. On the request's loop.
class Looking : public std::enable_shared_from_this<Looking> {
 public:
  using Value = std::shared_ptr<const GraphqlAddressFound>;
  using Done = UniqueFunction<void(Result<std::vector<std::optional<Value>>>)>;

  Looking(const GraphqlServices& services, const GraphqlContext& context,
          std::vector<GraphqlPlace> places, Done done)
      : services_(services),
        who_{{}, context.caller.authenticated ? context.caller.user : "", context.address},
        loop_(context.loop),
        places_(std::move(places)),
        values_(places_.size()),
        missing_(places_.size()),
        done_(std::move(done)) {}

  void Begin() {
    for (size_t i = 0; i < places_.size(); ++i) Count(i);
  }

 private:
  void Count(size_t index) {
    if (services_.limits == nullptr) return Look(index);
    services_.limits->Check(
        auth::LimitKind::kGeocoding, who_,
        [self = shared_from_this(), index](const broker::Verdict& verdict) {
          if (verdict.allowed) return self->Look(index);
          const int64_t seconds = auth::RetrySeconds(verdict.retry_after);
          self->Take(index, Err(AddressError{"rate_limited",
                                             "Too many requests for addresses, try again in " +
                                                 std::to_string(seconds) + " s",
                                             verdict.retry_after}));
        });
  }
  void Look(size_t index) {
    const GraphqlPlace& place = places_[index];
    services_.geocoding->look(
        Place{place.latitude, place.longitude, place.language},
        [self = shared_from_this(), index](Result<AddressAnswer, AddressError> answer) {
          self->Take(index, std::move(answer));
        });
  }
  /// Any thread. Never inside Begin(): the loader is not done with asking then.
  void Take(size_t index, GraphqlAddressFound found) {
    auto value = std::make_shared<const GraphqlAddressFound>(std::move(found));
    loop_.Post([self = shared_from_this(), index, value = std::move(value)] {
      self->values_[index] = value;
      if (--self->missing_ == 0) self->done_(std::move(self->values_));
    });
  }

  const GraphqlServices& services_;
  const auth::Caller who_;
  net::Loop& loop_;
  const std::vector<GraphqlPlace> places_;
  std::vector<std::optional<Value>> values_;
  size_t missing_;
  const Done done_;
};

void ReverseGeocode(const GraphqlServices& services, const Call& call, Reply reply) {
  if (services.geocoding == nullptr) return reply(Unavailable());
  auto place =
      geocoding::CheckPlace(*call.Number("latitude"), *call.Number("longitude"),
                            call.Text("language").value_or(""), services.geocoding->language);
  if (!place) return reply(BadArgument(place.error().message));
  GraphqlPlace key{place->latitude, place->longitude, std::move(place->language)};
  auto& addresses = call.context<GraphqlContext>().addresses(services);
  const auto shared = std::make_shared<Reply>(std::move(reply));
  addresses.Load(key, [key, shared](const GraphqlContext::Addresses::Value& found) {
    if (!found) return (*shared)(FailureOf(found.error()));
    const GraphqlAddressFound& answer = ***found;
    if (answer) return (*shared)(Resolved::Of(GraphqlAddress{key, *answer}));
    if (answer.error().code == "not_found") return (*shared)(Resolved());
    (*shared)(Failure{answer.error().code, answer.error().message});
  });
}

void BindAddress(graphql::Bindings& bindings) {
  constexpr std::pair<const char*, std::string Address::*> kTexts[] = {
      {"displayName", &Address::display_name},
      {"countryCode", &Address::country_code},
      {"country", &Address::country},
      {"state", &Address::state},
      {"city", &Address::city},
      {"road", &Address::road},
      {"houseNumber", &Address::house_number},
      {"postcode", &Address::postcode}};
  for (const auto& [field, member] : kTexts) {
    bindings.Member<Address>("Address", field, [text = member](const Address& address) {
      return TextOrNull(address.*text);
    });
  }
  bindings.Member<Address>("Address", "distance", [](const Address& a) { return a.distance_m; })
      .Member<Address>("Address", "bearing", [](const Address& a) { return a.bearing; });
}

}  // namespace

GraphqlContext::Addresses& GraphqlContext::addresses(const GraphqlServices& services) {
  if (!addresses_) {
    addresses_.emplace(
        *this, [this, &services](std::vector<GraphqlPlace> places, Looking::Done done) {
          std::make_shared<Looking>(services, *this, std::move(places), std::move(done))->Begin();
        });
  }
  return *addresses_;
}

void BindGeocoding(const GraphqlServices& services, graphql::Bindings& bindings) {
  using A = GraphqlAddress;
  BindAddress(bindings);
  bindings.Member<A>("GeocodingResult", "latitude", [](const A& a) { return a.place.latitude; })
      .Member<A>("GeocodingResult", "longitude", [](const A& a) { return a.place.longitude; })
      .Member<A>("GeocodingResult", "provider", [](const A& a) { return a.answer.found.provider; })
      .Member<A>("GeocodingResult", "cached", [](const A& a) { return a.answer.cached; })
      .Member<A>("GeocodingResult", "provisional", [](const A& a) { return a.answer.provisional; })
      .Field("GeocodingResult", "address",
             [](const Call& call) {
               const auto found = call.share_parent<A>();
               return Resolved::Of(
                   std::shared_ptr<const Address>(found, &found->answer.found.address));
             })
      .AsyncField("Query", "reverseGeocode", [&services](const Call& call, Reply reply) {
        ReverseGeocode(services, call, std::move(reply));
      });
}

}  // namespace trackwire::api
