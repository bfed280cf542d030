#include "gateway/peers.h"

#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <fstream>
#include <utility>

#include "auth/ip_address.h"
#include "base/log.h"
#include "base/text.h"

namespace trackwire::gateway {
namespace {

constexpr const char* kChannel = "socket:gateways";
/// Everybody answers this one at once.
constexpr std::string_view kHello = "hello";
constexpr std::string_view kHere = "here";
constexpr std::string_view kBye = "bye";

constexpr std::chrono::milliseconds kEvery{2'000};
/// Until the subscription stands, which the first words may be too early for.
constexpr std::chrono::milliseconds kAskAgain{100};
constexpr uint64_t kMissedBeats = 3;
/// The second of our own comes back behind what the others answered to the first, near enough.
constexpr uint64_t kHeardBack = 2;
constexpr size_t kMaxMessage = 1'024;

template <typename Number>
bool ReadNumber(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number != 0;
}

/// `<number> <host> <port> <key> <machine>`
std::string Write(const Peer& peer) {
  return std::to_string(peer.number) + ' ' + peer.host + ' ' + std::to_string(peer.port) + ' ' +
         base::Base64UrlEncode(peer.key) + ' ' + peer.machine;
}

std::optional<Peer> Read(std::string_view text) {
  std::array<std::string_view, 5> words;
  for (size_t i = 0; i < words.size(); ++i) {
    const bool last = i + 1 == words.size();
    const size_t end = last ? text.size() : text.find(' ');
    if (end == std::string_view::npos) return std::nullopt;
    words[i] = text.substr(0, end);
    text.remove_prefix(last ? end : end + 1);
  }
  Peer peer;
  const auto key = base::Base64UrlDecode(words[3]);
  if (!ReadNumber(words[0], peer.number) || !ReadNumber(words[2], peer.port)) return std::nullopt;
  if (!auth::IpAddress::Parse(words[1]) || !key || key->empty()) return std::nullopt;
  // The system takes these for its own loopback.
  if (words[1] == "0.0.0.0" || words[1] == "::") return std::nullopt;
  peer.host = words[1];
  peer.key = *key;
  peer.machine = words[4];
  return peer;
}

}  // namespace

std::string LoopbackDomain() {
  std::string boot;
  std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), boot);
  std::array<char, 64> net{};
  const ssize_t size = ::readlink("/proc/self/ns/net", net.data(), net.size());
  if (boot.empty() || size <= 0) return base::Base64UrlEncode(base::RandomBytes(12));
  return boot + "/" + std::string(net.data(), static_cast<size_t>(size));
}

Peers::Peers(net::Loop& loop, broker::PubSub& pub_sub, OnChange on_change)
    : loop_(loop),
      pub_sub_(pub_sub),
      on_change_(std::move(on_change)),
      timer_([](void* self) { static_cast<Peers*>(self)->Beat(); }, this) {}

void Peers::Join(Peer self, std::function<void()> heard) {
  self_ = std::move(self);
  heard_ = std::move(heard);
  hearing_ = pub_sub_.Subscribe(kChannel, [this](std::string_view message) { Hear(message); });
  Beat();
}

void Peers::Leave() {
  if (hearing_ == nullptr) return;
  Say(kBye);
  hearing_.reset();
  timer_.Cancel();
}

void Peers::Say(std::string_view word) {
  pub_sub_.Publish(kChannel, std::string(word) + ' ' + Write(*self_));
}

void Peers::Beat() {
  const bool settled = beat_ >= kHeardBack;
  timer_.Start(loop_.timers(), settled ? kEvery : kAskAgain);
  Say(settled ? kHere : kHello);
}

void Peers::Hear(std::string_view message) {
  if (message.size() > kMaxMessage) return;
  const size_t space = message.find(' ');
  if (space == std::string_view::npos) return;
  const std::string_view word = message.substr(0, space);
  auto peer = Read(message.substr(space + 1));
  if (!peer) return;
  if (*peer == *self_) return HearSelf();
  if (peer->number == self_->number) {
    if (std::exchange(clash_told_, true)) return;
    return base::LogError("gateway", "another gateway has this one's number: restart either");
  }
  if (word == kBye) {
    last_heard_.erase(peer->number);
    if (table_.erase(peer->number) > 0) on_change_(table_);
    return;
  }
  if (word == kHello) Say(kHere);
  if (word == kHello || word == kHere) Take(std::move(*peer));
}

void Peers::HearSelf() {
  ++beat_;
  if (beat_ == 1) Beat();
  if (beat_ == kHeardBack && heard_) std::exchange(heard_, nullptr)();
  ForgetSilent();
}

void Peers::Take(Peer peer) {
  if (auth::IsLoopback(peer.host) && peer.machine != self_->machine) return;
  if (table_.size() >= kMaxPeers && table_.count(peer.number) == 0) return;
  last_heard_[peer.number] = beat_;
  const auto found = table_.find(peer.number);
  if (found != table_.end() && found->second == peer) return;
  base::LogDebug("gateway", "heard of another gateway",
                 {{"address", peer.host}, {"port", int{peer.port}}});
  table_.insert_or_assign(peer.number, std::move(peer));
  on_change_(table_);
}

void Peers::ForgetSilent() {
  const size_t before = table_.size();
  std::erase_if(table_, [this](const auto& entry) {
    return beat_ - last_heard_[entry.first] > kMissedBeats;
  });
  if (table_.size() == before) return;
  std::erase_if(last_heard_, [this](const auto& entry) { return table_.count(entry.first) == 0; });
  on_change_(table_);
}

}  // namespace trackwire::gateway
