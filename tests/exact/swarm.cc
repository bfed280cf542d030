#include "swarm.h"

#include <sys/epoll.h>

#include <algorithm>

#include "base/check.h"
#include "base/json_scanner.h"

namespace trackwire::exact {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kSession = "42[\"session\",";
constexpr size_t kMaxReasons = 50;  // what servers write may be part of one

}  // namespace

uint32_t Absences::Percentile(double share) const {
  if (ms.empty()) return 0;
  std::vector<uint32_t> sorted = ms;
  const auto nth = static_cast<size_t>(share * static_cast<double>(sorted.size() - 1));
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<ptrdiff_t>(nth), sorted.end());
  return sorted[nth];
}

Swarm::Swarm(SwarmOptions options)
    : options_(std::move(options)),
      checker_(options_.clients, options_.contents, options_.trackers),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      buffer_(kReadBufferBytes),
      seats_(options_.clients) {
  CHECK(epoll_.is_open() && !options_.ports.empty());
  const Clock::time_point now = Clock::now();
  ConnectionEvents& events = *this;
  for (size_t client = 0; client < options_.clients; ++client) {
    connections_.emplace_back(events, client);
    seats_[client].port = client % options_.ports.size();
    due_.push({now, client});
  }
}

std::optional<Swarm::Clock::time_point> Swarm::NextDue() const {
  if (due_.empty() || under_way_ >= options_.connecting) return std::nullopt;
  return due_.top().at;
}

void Swarm::Turn() {
  const Clock::time_point now = Clock::now();
  while (!due_.empty() && due_.top().at <= now && under_way_ < options_.connecting) {
    const size_t client = due_.top().client;
    due_.pop();
    Open(client);
  }
}

void Swarm::Open(size_t client) {
  Seat& seat = seats_[client];
  seat.in_session = false;
  seat.port %= options_.ports.size();
  const bench::LoopbackAddress server{INADDR_LOOPBACK, options_.ports[seat.port]};
  const Result<void> opened = connections_[client].Open(epoll_.get(), server);
  if (opened) {
    ++under_way_;
    return;
  }
  ++losses_[opened.error().detail];
  Later(client);
}

void Swarm::OnReady(uint64_t client, uint32_t events) {
  connections_[client].OnReady(events, buffer_);
}

std::string Swarm::AuthOf(size_t client) {
  const Seat& seat = seats_[client];
  const std::string& offset = checker_.offset_text(client);
  std::string auth = "{";
  if (!options_.token.empty()) {
    auth += "\"token\":";
    base::AppendJsonString(auth, options_.token);
  }
  if (!seat.pid.empty() && !offset.empty()) {
    auth += auth.size() > 1 ? ",\"pid\":" : "\"pid\":";
    base::AppendJsonString(auth, seat.pid);
    auth += ",\"offset\":";
    base::AppendJsonString(auth, offset);
  }
  return auth + "}";
}

void Swarm::OnConnect(size_t client, std::string_view pid) {
  Seat& seat = seats_[client];
  --under_way_;
  ++joined_;
  seat.joined = true;
  const bool asked = !seat.pid.empty() && !checker_.offset_text(client).empty();
  seat.recovered = asked && seat.pid == pid;
  if (asked) {
    const auto away = std::chrono::duration_cast<milliseconds>(Clock::now() - seat.lost_at);
    if (seat.recovered) {
      absences_.ms.push_back(static_cast<uint32_t>(away.count()));
      checker_.OnResumed(client);
    } else {
      checker_.OnRefused(client, away < options_.window);
    }
  }
  seat.pid = pid;
}

void Swarm::OnConnectError(size_t client, std::string_view packet) {
  checker_.OnConnectError(client, packet);
}

void Swarm::OnEvent(size_t client, std::string_view packet) {
  if (packet.substr(0, kSession.size()) != kSession) return checker_.OnEvent(client, packet);
  Seat& seat = seats_[client];
  const auto event = ParseEvent(packet);
  if (!event || seat.in_session) return checker_.OnEvent(client, packet);
  seat.in_session = true;
  checker_.OnSession(client, event->offset, !seat.recovered);
}

void Swarm::OnLost(size_t client, const std::string& reason) {
  Seat& seat = seats_[client];
  if (seat.joined) {
    --joined_;
    seat.lost_at = Clock::now();
  } else {
    --under_way_;
  }
  seat.joined = false;
  if (losses_.size() < kMaxReasons || losses_.count(reason) > 0) ++losses_[reason];
  // A client whose first connection ended before `session` has no place to resume from.
  if (checker_.offset_text(client).empty()) seat.pid.clear();
  Later(client);
}

void Swarm::Later(size_t client) {
  Seat& seat = seats_[client];
  std::uniform_int_distribution<int64_t> delay(options_.delay_least.count(),
                                               options_.delay_most.count());
  due_.push({Clock::now() + milliseconds(delay(random_)) + seat.pause, client});
  seat.pause = milliseconds(0);
  if (options_.ports.size() < 2) return;
  std::uniform_int_distribution<size_t> other(1, options_.ports.size() - 1);
  seat.port = (seat.port + other(random_)) % options_.ports.size();
}

void Swarm::set_ports(std::vector<uint16_t> ports) {
  CHECK(!ports.empty());
  options_.ports = std::move(ports);
}

void Swarm::Cut(size_t first, size_t count, milliseconds pause) {
  for (size_t client = first; client < std::min(first + count, seats_.size()); ++client) {
    if (!connections_[client].is_joined()) continue;
    seats_[client].pause = pause;
    connections_[client].Break("cut by the test");
  }
}

bool Swarm::all_have(uint32_t content) const {
  if (joined_ < seats_.size()) return false;
  for (size_t client = 0; client < seats_.size(); ++client) {
    if (!connections_[client].is_joined() || !checker_.has(client, content)) return false;
  }
  return true;
}

}  // namespace trackwire::exact
