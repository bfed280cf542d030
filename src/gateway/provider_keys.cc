#include "gateway/provider_keys.h"

#include <algorithm>
#include <array>

#include "gateway/key_values.h"

namespace trackwire::gateway {
namespace {

using Failure = std::optional<std::string>;

constexpr std::array<const char*, 5> kKinds = {"http-json", "traccar", "owntracks", "gtfs-rt",
                                               "replay"};
constexpr const char* kAny = "";
constexpr const char* kRemote = " http-json traccar owntracks gtfs-rt ";
constexpr const char* kWithHeaders = " http-json owntracks gtfs-rt ";
constexpr const char* kJson = " http-json ";
constexpr const char* kMapped = " http-json replay ";
constexpr const char* kReplay = " replay ";

ProviderKey Text(const char* name, const char* kinds, std::string ProviderConfig::*member,
                 const char* help, bool secret = false) {
  return {name, kinds, "text", help, secret,
          [member](ProviderConfig& provider, const RawValue& raw) {
            return TakeText(raw, provider.*member);
          },
          [member](const ProviderConfig& provider) { return provider.*member; }};
}

ProviderKey Flag(const char* name, const char* kinds, bool ProviderConfig::*member,
                 const char* help) {
  return {name, kinds, "true or false", help, false,
          [member](ProviderConfig& provider, const RawValue& raw) {
            return TakeFlag(raw, provider.*member);
          },
          [member](const ProviderConfig& provider) { return ShowFlag(provider.*member); }};
}

ProviderKey Integer(const char* name, const char* kinds, int64_t ProviderConfig::*member,
                    int64_t min, int64_t max, const char* help) {
  return {name, kinds, "whole number " + IntegerRange(min, max), help, false,
          [member, min, max](ProviderConfig& provider, const RawValue& raw) {
            return TakeInteger(raw, min, max, provider.*member);
          },
          [member](const ProviderConfig& provider) { return std::to_string(provider.*member); }};
}

ProviderKey Number(const char* name, const char* kinds, double ProviderConfig::*member, double min,
                   double max, const char* help) {
  return {name, kinds, "number " + NumberRange(min, max), help, false,
          [member, min, max](ProviderConfig& provider, const RawValue& raw) {
            return TakeNumber(raw, min, max, provider.*member);
          },
          [member](const ProviderConfig& provider) { return ShowNumber(provider.*member); }};
}

ProviderKey Texts(const char* name, const char* kinds,
                  std::vector<std::string> ProviderConfig::*member, const char* help) {
  return {name, kinds, "list of texts", help, false,
          [member](ProviderConfig& provider, const RawValue& raw) -> Failure {
            const auto* list = std::get_if<std::vector<std::string>>(&raw.value);
            if (list == nullptr) return "must be a list of texts";
            provider.*member = *list;
            return std::nullopt;
          },
          [member](const ProviderConfig& provider) {
            std::string out;
            for (const std::string& text : provider.*member) out += (out.empty() ? "" : ",") + text;
            return out;
          }};
}

std::vector<ProviderKey> SourceKeys() {
  using P = ProviderConfig;
  return {
      Text("url", kRemote, &P::url,
           "where it is: the feed, or the server for traccar and owntracks"),
      Text("url_one", kJson, &P::url_one,
           "where a single tracker is asked for, with {external_id} in it"),
      Text("method", kJson, &P::method, "how it is asked: GET or POST"),
      Text("body", kJson, &P::body, "what is sent with the request", true),
      Text("body_type", kJson, &P::body_type, "the media type of `body`"),
      Text("next_page", kJson, &P::next_page,
           "pointer into an answer to the next page's URL, or the value for `page_parameter`"),
      Text("page_parameter", kJson, &P::page_parameter,
           "the query parameter that takes the value of `next_page`"),
      Integer("max_pages", kJson, &P::max_pages, 1, 1'000, "pages that are read at most"),
      Text("token", kRemote, &P::token, "what it lets us in by", true),
      Text("token_env", kRemote, &P::token_env, "the variable of the environment with the token"),
      Text("token_file", kRemote, &P::token_file, "the file with the token"),
      Text("token_header", kWithHeaders, &P::token_header,
           "the header that the token stands in by itself; empty: Authorization, as Bearer"),
      Flag("allow_private", kRemote, &P::allow_private,
           "let it have an address of this machine or of a private network"),
      Text("ca_file", kRemote, &P::ca_file,
           "the file with the certificates that vouch for its socket; empty: the system's"),
      Integer("max_answer_bytes", kRemote, &P::max_answer_bytes, 1'000, 1'000'000'000,
              "largest answer, unpacked"),
      Text("preset", kMapped, &P::preset,
           "a known kind of answer or recording: readsb, overland, ais-catcher, home-assistant; "
           "ais-us for a replay"),
      Texts("unknown", kJson, &P::unknown,
            "numbers and texts in answers that mean that something is not known, as JSON"),
      Texts("filter", kJson, &P::filter, "conditions that an item of an answer has to meet"),
  };
}

std::vector<ProviderKey> ScheduleKeys() {
  using P = ProviderConfig;
  return {
      Number("interval_s", kRemote, &P::interval_s, 0.1, 86'400,
             "seconds between two requests, for the feed or for each tracker"),
      Number("jitter", kRemote, &P::jitter, 0, 0.5, "by which part an interval may differ"),
      Integer("timeout_ms", kRemote, &P::timeout_ms, 10, 600'000,
              "milliseconds that a request may take"),
      Integer("concurrency", kRemote, &P::concurrency, 1, 64, "requests at a time"),
      Number("requests_per_second", kRemote, &P::requests_per_second, 0.001, 1'000,
             "requests a second on average"),
      Integer("retries", kRemote, &P::retries, 0, 10, "times that a request is tried again"),
      Integer("breaker_failures", kRemote, &P::breaker_failures, 1, 1'000,
              "failures in a row after which it is left alone"),
      Number("breaker_open_s", kRemote, &P::breaker_open_s, 0.1, 3'600,
             "seconds for which it is left alone"),
  };
}

ProviderKey ClientKey() {
  return {"client", kRemote, "text or whole number",
          "the id of the client whom these belong to, of its own type", false,
          [](ProviderConfig& provider, const RawValue& raw) -> Failure {
            const auto* text = std::get_if<std::string>(&raw.value);
            const auto* number = std::get_if<int64_t>(&raw.value);
            if (number != nullptr) provider.client = tracking::Id(*number);
            if (text != nullptr && !text->empty() && text->size() <= 128) {
              provider.client = tracking::Id(*text);
            }
            if (!provider.client) return "must be a text of 1 to 128 bytes or a whole number";
            return std::nullopt;
          },
          [](const ProviderConfig& provider) {
            return provider.client ? provider.client->ToJson() : std::string();
          }};
}

ProviderKey IdsKey() {
  return {"register_ids", kRemote, "opaque, external",
          "whether the ids of those that it makes tell nothing, or hold its own names for them",
          false,
          [](ProviderConfig& provider, const RawValue& raw) -> Failure {
            const auto* text = std::get_if<std::string>(&raw.value);
            if (text == nullptr || (*text != "opaque" && *text != "external")) {
              return "must be opaque or external";
            }
            provider.register_ids = *text;
            return std::nullopt;
          },
          [](const ProviderConfig& provider) { return provider.register_ids; }};
}

std::vector<ProviderKey> TrackerKeys() {
  using P = ProviderConfig;
  return {
      Flag("register", kRemote, &P::register_unknown,
           "make the trackers that it names and nobody knows, instead of refusing them"),
      IdsKey(),
      ClientKey(),
      Text("client_name", kRemote, &P::client_name,
           "what that client is called when it is not known yet"),
      Flag("public", kAny, &P::is_public, "whether everybody may see these"),
      Text("category", kRemote, &P::category, "what these are when it does not say"),
      Integer("offline_after_s", kAny, &P::offline_after_s, 1, 31'536'000,
              "seconds of silence after which these are offline"),
      Integer("max_trackers", kRemote, &P::max_trackers, 1, 10'000'000,
              "how many of these there may be"),
  };
}

std::vector<ProviderKey> ReplayKeys() {
  using P = ProviderConfig;
  return {
      Text("file", kReplay, &P::file, "the recorded file"),
      Texts("columns", kReplay, &P::columns, "its columns instead of a preset, as field=Column"),
      Number("speed", kReplay, &P::speed, 0.01, 1'000, "recorded seconds played in one second"),
      Flag("loop", kReplay, &P::loop, "begin again at the end"),
      Integer("lead_in_s", kReplay, &P::lead_in_s, 0, 86'400,
              "recorded seconds put in at once at the start"),
  };
}

}  // namespace

bool ProviderKey::Fits(const std::string& kind) const {
  return kinds.empty() || kinds.find(" " + kind + " ") != std::string::npos;
}

const std::vector<ProviderKey>& ProviderKeys() {
  static const std::vector<ProviderKey> keys = [] {
    std::vector<ProviderKey> all = {
        Text("name", kAny, &ProviderConfig::name,
             "what it is called, such as traccar:office: letters, digits, - . _ and :"),
        Text("kind", kAny, &ProviderConfig::kind, "what it speaks"),
    };
    for (auto* group : {&SourceKeys, &ScheduleKeys, &TrackerKeys, &ReplayKeys}) {
      for (ProviderKey& key : (*group)()) all.push_back(std::move(key));
    }
    return all;
  }();
  return keys;
}

std::string ProviderKinds() {
  std::string out;
  for (const char* kind : kKinds) out += (out.empty() ? "" : ", ") + std::string(kind);
  return out;
}

bool IsProviderKind(const std::string& kind) {
  return std::find(kKinds.begin(), kKinds.end(), kind) != kKinds.end();
}

}  // namespace trackwire::gateway
