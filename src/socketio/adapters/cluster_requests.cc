#include "socketio/adapters/cluster_requests.h"

#include <utility>

#include "base/text.h"

namespace trackwire::socketio {

std::string NewClusterId() {
  std::string id;
  for (const char c : base::RandomBytes(8)) {
    const auto byte = static_cast<unsigned char>(c);
    id += "0123456789abcdef"[byte >> 4];
    id += "0123456789abcdef"[byte & 15];
  }
  return id;
}

void ClusterRequests::Pending::OnTimer(void* self) {
  auto& pending = *static_cast<Pending*>(self);
  pending.requests.Finish(std::string(pending.id), true);
}

ClusterRequests::Pending* ClusterRequests::Add(std::chrono::milliseconds timeout) {
  if (pending_.size() >= kMaxPending) return nullptr;
  auto pending = std::make_unique<Pending>(*this, NewClusterId());
  pending->timer.Start(loop_.timers(), timeout);
  Pending* added = pending.get();
  pending_[added->id] = std::move(pending);
  return added;
}

ClusterRequests::Pending* ClusterRequests::Find(const std::string& id) {
  const auto found = pending_.find(id);
  return found == pending_.end() ? nullptr : found->second.get();
}

std::string ClusterRequests::AddFetch(uint64_t servers, std::chrono::milliseconds timeout,
                                      FetchDone done) {
  Pending* pending = Add(timeout);
  if (pending == nullptr) {
    done(Err("busy", "too many requests to other servers wait for answers"));
    return {};
  }
  pending->missing = servers;
  pending->fetch_done = std::move(done);
  return pending->id;
}

std::string ClusterRequests::AddServerEmit(uint64_t servers, std::chrono::milliseconds timeout,
                                           AnswersDone done) {
  Pending* pending = Add(timeout);
  if (pending == nullptr) {
    done({{}, true});
    return {};
  }
  pending->missing = servers;
  pending->answers_done = std::move(done);
  return pending->id;
}

std::string ClusterRequests::AddBroadcast(std::chrono::milliseconds timeout, Expected on_expected,
                                          Ack on_ack) {
  Pending* pending = Add(timeout);
  if (pending == nullptr) return {};
  pending->on_expected = std::move(on_expected);
  pending->on_ack = std::move(on_ack);
  return pending->id;
}

void ClusterRequests::Finish(const std::string& id, bool timed_out) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return;
  const std::unique_ptr<Pending> pending = std::move(found->second);
  pending_.erase(found);
  if (timed_out && !pending->on_ack) ++timeouts_;
  if (pending->fetch_done) {
    if (timed_out) {
      pending->fetch_done(
          Err("timeout", std::to_string(pending->missing) + " servers did not answer in time"));
    } else {
      pending->fetch_done(std::move(pending->sockets));
    }
  }
  if (pending->answers_done) {
    pending->answers.timed_out = timed_out;
    pending->answers_done(std::move(pending->answers));
  }
}

void ClusterRequests::OnSockets(const std::string& id, std::vector<RemoteSocket> sockets) {
  Pending* pending = Find(id);
  if (pending == nullptr || !pending->fetch_done) return;
  for (RemoteSocket& socket : sockets) pending->sockets.push_back(std::move(socket));
  if (--pending->missing == 0) Finish(std::string(id), false);
}

void ClusterRequests::OnServerAnswer(const std::string& id, std::string json) {
  Pending* pending = Find(id);
  if (pending == nullptr || !pending->answers_done) return;
  pending->answers.answers.push_back(std::move(json));
  if (--pending->missing == 0) Finish(std::string(id), false);
}

void ClusterRequests::OnClientCount(const std::string& id, uint64_t clients) {
  Pending* pending = Find(id);
  if (pending != nullptr && pending->on_expected) pending->on_expected(clients);
}

void ClusterRequests::OnAck(const std::string& id, Args answer) {
  Pending* pending = Find(id);
  if (pending != nullptr && pending->on_ack) pending->on_ack(std::move(answer));
}

}  // namespace trackwire::socketio
