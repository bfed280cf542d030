#include "notify/subscriptions.h"

#include <utility>

#include "base/json_scanner.h"
#include "net/shard.h"
#include "notify/audience.h"
#include "notify/snapshot_part.h"
#include "notify/user_session.h"

namespace trackwire::notify {
namespace {

using tracking::Id;
using tracking::Selection;

std::string ErrorJson(const Error& error) {
  std::string out = R"({"error":{"code":)";
  base::AppendJsonString(out, error.code);
  out += R"(,"message":)";
  base::AppendJsonString(out, error.detail);
  // Those before it take a moment; all else would fail again.
  if (error.code == "rate_limited") out += R"(,"retry_after":1)";
  return out + "}}";
}

std::string NamesJson(const std::set<Id>& trackers, const std::set<Id>& clients,
                      const std::optional<tracking::BoundingBox>& box) {
  return ToJson(Selection{trackers, clients, box});
}

const Error kShutOut{"unauthorized", "a valid token is needed"};

/// Whether two may see the same.
bool SameRights(const auth::Identity& a, const auth::Identity& b) {
  return a.authenticated == b.authenticated && a.is_admin() == b.is_admin() &&
         a.clients == b.clients;
}

}  // namespace

/// One event on its way to the loop and back. Each has it in turn.
struct Subscriptions::Request {
  socketio::SocketRef socket;
  Interest interest;
  bool adds = true;
  socketio::AckFn ack;  // the shard's
  // As of the last time it set out:
  auth::Identity identity;
  View view = 0;
  std::shared_ptr<const Selection> chosen;
};

/// What a request comes to.
struct Subscriptions::Outcome {
  std::optional<Error> error;
  std::string answer;
  broker::LogOffset offset;
  std::shared_ptr<const Selection> chosen;
  bool truncated = false;
};

/// The requests of one socket; the first is under way.
struct InterestQueue {
  std::deque<std::shared_ptr<void>> waiting;
};

Subscriptions::Subscriptions(net::Loop& loop, const broker::NotificationLog& log,
                             const tracking::Board& board, const Views& views, Choices& choices,
                             SessionBook& book, socketio::Namespace& nsp, Options options)
    : loop_(loop),
      log_(log),
      board_(board),
      views_(views),
      choices_(choices),
      book_(book),
      nsp_(nsp),
      options_(options) {}

void Subscriptions::Attach() {
  for (const bool adds : {true, false}) {
    nsp_.On(adds ? "subscribe" : "unsubscribe",
            [this, adds](socketio::Socket& socket, const socketio::Event& event,
                         socketio::AckFn ack) { OnEvent(socket, event, std::move(ack), adds); });
  }
}

void Subscriptions::OnEvent(socketio::Socket& socket, const socketio::Event& event,
                            socketio::AckFn ack, bool adds) {
  const auto refuse = [&](const Error& error) {
    counters_.refused.fetch_add(1, std::memory_order_relaxed);
    if (ack) ack({ErrorJson(error), {}});
  };
  UserSession* session = FindSession(socket);
  if (session == nullptr) return refuse({"unavailable", "nobody is signed in here"});
  if (session->shut_out) return refuse(kShutOut);
  auto interest = ReadInterest(event.args_json, options_.max_ids, !adds);
  if (!interest) return refuse(interest.error());
  auto& asked = session->rest().asked;
  if (asked == nullptr) asked = std::make_shared<InterestQueue>();
  auto& waiting = asked->waiting;
  if (waiting.size() >= options_.max_waiting) {
    return refuse({"rate_limited", "earlier requests of this connection are not answered yet"});
  }
  auto request = std::make_shared<Request>();
  request->socket = socket.ref();
  request->interest = std::move(*interest);
  request->adds = adds;
  request->ack = std::move(ack);
  waiting.push_back(std::move(request));
  if (waiting.size() == 1) Ask(*session);
}

void Subscriptions::Ask(UserSession& session) {
  auto request = std::static_pointer_cast<Request>(session.rest().asked->waiting.front());
  request->identity = session.identity();
  request->view = session.view;
  request->chosen = session.selection;
  loop_.Post([this, request = std::move(request)] {
    asked_.push_back(request);
    if (asked_.size() == 1) loop_.Post([this] { Step(); });
  });
}

/// One request a turn: what dispatch has to do meanwhile never waits for more than one.
void Subscriptions::Step() {
  const RequestPtr request = std::move(asked_.front());
  asked_.pop_front();
  auto outcome = std::make_shared<const Outcome>(Decide(*request));
  nsp_.WithSocket(request->socket, [this, request, outcome](socketio::Socket& socket) {
    Apply(socket, request, *outcome);
  });
  if (!asked_.empty()) loop_.Post([this] { Step(); });
}

Subscriptions::Outcome Subscriptions::Decide(const Request& request) const {
  Outcome outcome = request.adds ? DecideMore(request) : DecideLess(request);
  outcome.offset = log_.tail_offset();
  if (outcome.error) return outcome;
  outcome.answer += R"(,"offset":)";
  base::AppendJsonString(outcome.answer, outcome.offset.ToString());
  outcome.answer += outcome.truncated ? R"(,"truncated":true})" : "}";
  return outcome;
}

Subscriptions::Outcome Subscriptions::DecideMore(const Request& request) const {
  Outcome outcome;
  Interest interest = request.interest;
  std::optional<tracking::BoundingBox> refused_box;
  if (interest.box && !views_.ShowsPlaces(request.view)) std::swap(interest.box, refused_box);
  const Grant grant = GrantOf(interest, request.identity, board_);
  Selection chosen = request.chosen == nullptr ? Selection() : *request.chosen;
  chosen.trackers.insert(grant.trackers.begin(), grant.trackers.end());
  chosen.clients.insert(grant.clients.begin(), grant.clients.end());
  if (interest.box) chosen.box = interest.box;
  if (chosen.id_count() > options_.max_ids) {
    outcome.error = Error{"too_many_subscriptions", "a connection can subscribe to " +
                                                        std::to_string(options_.max_ids) +
                                                        " ids at most"};
    return outcome;
  }
  auto positions = PositionsOf(grant, interest, request.identity, request.view, views_, board_,
                               {options_.max_positions, options_.max_position_bytes});
  outcome.answer = "{\"granted\":" + NamesJson(grant.trackers, grant.clients, interest.box) +
                   ",\"refused\":" +
                   NamesJson(grant.refused_trackers, grant.refused_clients, refused_box) +
                   ",\"positions\":" + positions.json;
  outcome.truncated = positions.truncated;
  outcome.chosen = choices_.Hold(std::move(chosen));
  return outcome;
}

Subscriptions::Outcome Subscriptions::DecideLess(const Request& request) const {
  Outcome outcome;
  Selection left;
  if (request.chosen != nullptr && !request.interest.names_nothing()) {
    left = *request.chosen;
    for (const Id& id : request.interest.trackers) left.trackers.erase(id);
    for (const Id& id : request.interest.clients) left.clients.erase(id);
    if (request.interest.names_box) left.box.reset();
  }
  outcome.answer = "{\"granted\":" + ToJson(left) +
                   ",\"refused\":" + ToJson(Selection()) + ",\"positions\":[]";
  // Who never chose anything goes on to get all they may see.
  if (request.chosen != nullptr) outcome.chosen = choices_.Hold(std::move(left));
  return outcome;
}

void Subscriptions::Apply(socketio::Socket& socket, const RequestPtr& request,
                          const Outcome& outcome) {
  UserSession* session = FindSession(socket);
  if (session == nullptr || session->rest().asked == nullptr) return;
  auto& waiting = session->rest().asked->waiting;
  if (waiting.empty() || waiting.front() != request) return;
  const bool changed =
      !SameRights(session->identity(), request->identity) || session->view != request->view;
  // They may see something else by now.
  if (changed && !session->shut_out) return Ask(*session);
  waiting.pop_front();
  const std::optional<Error> error = session->shut_out ? kShutOut : outcome.error;
  auto& counter = error ? counters_.refused : counters_.answered;
  counter.fetch_add(1, std::memory_order_relaxed);
  if (outcome.truncated) counters_.truncated.fetch_add(1, std::memory_order_relaxed);
  if (!error && outcome.chosen != nullptr) {
    Choose(socket, *session, outcome.offset, outcome.chosen);
    book_.Save(socket);
  }
  if (request->ack) request->ack({error ? ErrorJson(*error) : outcome.answer, {}});
  if (!waiting.empty()) Ask(*session);
}

}  // namespace trackwire::notify
