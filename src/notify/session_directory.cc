#include "notify/session_directory.h"

#include <algorithm>
#include <utility>

#include "notify/session_record.h"

namespace trackwire::notify {
namespace {

SessionInfo ToInfo(const broker::SessionEntry& entry) {
  SessionInfo info;
  info.sid = entry.record.key;
  info.away = !entry.live;
  // What is none of ours is listed all the same: somebody may want to end it.
  if (auto value = DecodeSessionValue(entry.record.value)) {
    info.identity = std::move(value->identity);
    info.address = std::move(value->address);
    info.transport = std::move(value->transport);
    info.gateway = std::move(value->gateway);
    info.connected_at = value->connected_at;
  }
  return info;
}

}  // namespace

/// One session that an administrator wants to be over.
struct SessionDirectory::Ending {
  std::string sid;
  auth::Actor by;
  std::function<void(Result<void>)> done;

  void Finish(Result<void> result) const {
    auth::Audit(by, {"session.end", sid, result ? std::string_view("done") : result.error().code});
    done(std::move(result));
  }
  void FinishUnknown() const { Finish(Err("not_found", "there is no session of that id")); }
};

SessionDirectory::SessionDirectory(broker::Broker& broker, auth::Revocations& revocations,
                                   OwnerLine& line, SessionBook& book)
    : broker_(broker), revocations_(revocations), line_(line), book_(book) {}

void SessionDirectory::List(std::string after, size_t max,
                            std::function<void(Result<SessionList>)> done) {
  max = std::clamp<size_t>(max, 1, broker::SessionStore::kMaxPage);
  broker_.sessions().List(
      std::move(after), max, [answer = std::move(done)](Result<broker::SessionPage> page) {
        if (!page) return answer(Err(std::move(page.error())));
        SessionList list;
        for (const broker::SessionEntry& entry : page->sessions) {
          list.sessions.push_back(ToInfo(entry));
        }
        if (!page->next.empty()) list.next = std::move(page->next);
        answer(std::move(list));
      });
}

void SessionDirectory::End(std::string sid, bool revoke, auth::Actor by,
                           std::function<void(Result<void>)> done) {
  Ending ending{std::move(sid), std::move(by), std::move(done)};
  if (revoke) return Revoke(ending);
  EndRecord(ending);
}

/// First the token, so that an end that fails half-way can be asked for again.
void SessionDirectory::Revoke(const Ending& ending) {
  broker_.sessions().Find(
      ending.sid, [this, ending](Result<std::optional<broker::SessionEntry>> found) {
        if (!found) return ending.Finish(Err(std::move(found.error())));
        if (!found->has_value()) return ending.FinishUnknown();
        const auto value = DecodeSessionValue((*found)->record.value);
        if (!value || !value->identity.authenticated) return EndRecord(ending);
        revocations_.RevokeTokenOf(value->identity, [this, ending](Result<void> revoked) {
          if (!revoked) return ending.Finish(std::move(revoked));
          EndRecord(ending);
        });
      });
}

void SessionDirectory::EndRecord(const Ending& ending) {
  broker_.sessions().End(ending.sid, [this, ending](std::optional<broker::SessionRecord> record) {
    if (record) {
      if (const auto own = line_.OwnSocket(record->owner)) {
        book_.End(*own);
      } else {
        line_.Tell(record->owner, OwnerLine::Word::kEnd);
      }
      return ending.Finish(Ok());
    }
    // There was none, or there was no answer.
    broker_.sessions().Find(
        ending.sid, [ending](Result<std::optional<broker::SessionEntry>> found) {
          if (!found) return ending.Finish(Err(std::move(found.error())));
          if (!found->has_value()) return ending.FinishUnknown();
          ending.Finish(Err("unavailable", "the session could not be ended"));
        });
  });
}

}  // namespace trackwire::notify
