#include "api/graphql_resolve.h"

#include <algorithm>
#include <utility>

#include "api/tracker_edit.h"

namespace trackwire::api {
namespace {

using tracking::Client;
using tracking::Id;

/// Nothing for a text that is no id.
std::optional<Id> Choose(const std::vector<Client>& clients, const std::string& text) {
  const std::vector<Id> ids = IdsOfSegment(text);
  if (ids.empty()) return std::nullopt;
  for (const Id& id : ids) {
    const auto has_id = [&](const Client& client) { return client.id == id; };
    if (std::any_of(clients.begin(), clients.end(), has_id)) return id;
  }
  return ids.front();
}

Unexpected<Error> UnknownClient() { return Err("unknown_client", "there is no such client"); }

}  // namespace

void ResolveTracker(TrackerReader& reader, const auth::Identity& caller, const std::string& text,
                    ResolvedId done) {
  std::vector<Id> ids = IdsOfSegment(text);
  if (ids.empty()) return done(Err("unknown_tracker", "there is no such tracker"));
  if (ids.size() == 1) return done(std::move(ids.front()));
  reader.Find(caller, ids,
              [ids, done](const Result<std::vector<std::optional<TrackerView>>>& found) {
                if (!found) return done(Err(Error(found.error())));
                for (size_t i = 0; i < ids.size(); ++i) {
                  if ((*found)[i]) return done(ids[i]);
                }
                done(ids.front());
              });
}

void ResolveClient(TrackerReader& reader, const auth::Identity& caller, const std::string& text,
                   ResolvedId done) {
  reader.Clients(caller, [text, done](const Result<std::vector<Client>>& clients) {
    if (!clients) return done(Err(Error(clients.error())));
    auto id = Choose(*clients, text);
    if (!id) return done(UnknownClient());
    done(std::move(*id));
  });
}

void ResolveClients(TrackerReader& reader, const auth::Identity& caller,
                    std::vector<std::string> texts,
                    std::function<void(Result<std::vector<std::string>>)> done) {
  if (texts.empty()) return done(std::vector<std::string>());
  reader.Clients(caller, [texts = std::move(texts),
                          done](const Result<std::vector<Client>>& clients) {
    if (!clients) return done(Err(Error(clients.error())));
    std::vector<std::string> ids;
    for (const std::string& text : texts) {
      const auto id = Choose(*clients, text);
      if (!id) return done(UnknownClient());
      ids.push_back(id->ToJson());
    }
    done(std::move(ids));
  });
}

}  // namespace trackwire::api
