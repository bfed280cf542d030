#include "broker/redis/sentinel.h"

#include <charconv>
#include <map>
#include <optional>

namespace trackwire::broker {
namespace {

std::optional<RedisAddress> ParseMaster(const RespValue& reply) {
  if (!reply.is_array() || reply.items.size() != 2) return std::nullopt;
  RedisAddress address;
  address.host = reply.items[0].text;
  const std::string& port = reply.items[1].text;
  const auto [end, error] =
      std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc() || end != port.data() + port.size() || address.port == 0 ||
      address.host.empty()) {
    return std::nullopt;
  }
  return address;
}

/// One question to all Sentinels.
class Round : public std::enable_shared_from_this<Round> {
 public:
  Round(std::shared_ptr<RedisLinkContext> context, RedisNode::Found found)
      : context_(std::move(context)), found_(std::move(found)) {}
  ~Round() {
    for (const auto& link : links_) link->Close();
  }

  void Start() {
    const RedisTarget& target = context_->options.target;
    left_ = target.addresses.size();
    for (const RedisAddress& address : target.addresses) {
      const RedisLink::Login login{target.sentinel_user, target.sentinel_password, 0, false};
      const auto link = std::make_shared<RedisLink>(context_, address, login, RedisLink::Events{});
      links_.push_back(link);
      link->Start();
      const std::vector<std::string> question{"SENTINEL", "GET-MASTER-ADDR-BY-NAME",
                                              target.sentinel_master};
      link->Send(question, {}, [weak = weak_from_this(), address](const Result<RespValue>& reply) {
        if (const auto self = weak.lock()) self->OnAnswer(address, reply);
      });
    }
  }

 private:
  void OnAnswer(const RedisAddress& sentinel, const Result<RespValue>& reply) {
    if (!found_) return;
    --left_;
    const auto master = reply ? ParseMaster(*reply) : std::nullopt;
    if (master) {
      auto& [address, votes] = votes_[master->ToString()];
      address = *master;
      ++votes;
    } else {
      failure_ = "Sentinel " + sentinel.ToString() + ": " +
                 (!reply              ? reply.error().detail
                  : reply->is_error() ? reply->text
                                      : "knows no such master");
    }
    Count();
  }

  void Count() {
    const std::pair<RedisAddress, size_t>* best = nullptr;
    for (const auto& [name, vote] : votes_) {
      if (best == nullptr || vote.second > best->second) best = &vote;
    }
    const bool agreed = best != nullptr && best->second > links_.size() / 2;
    if (!agreed && left_ > 0) return;
    const auto found = std::move(found_);
    found_ = nullptr;
    for (const auto& link : links_) link->Close();
    if (best != nullptr) return found(best->first);
    found(Err("unavailable", failure_));
  }

  const std::shared_ptr<RedisLinkContext> context_;
  RedisNode::Found found_;
  std::vector<std::shared_ptr<RedisLink>> links_;
  std::map<std::string, std::pair<RedisAddress, size_t>> votes_;
  size_t left_ = 0;
  std::string failure_;
};

}  // namespace

RedisNode::Find FinderOf(const std::shared_ptr<RedisLinkContext>& context,
                         RedisAddresses addresses) {
  const RedisTarget& target = context->options.target;
  if (target.sentinel_master.empty()) {
    return [addresses, next = size_t{0}](const RedisNode::Found& found) mutable {
      found((*addresses)[next++ % addresses->size()]);
    };
  }
  // The finder owns the round, the links of the round only know it: no cycle.
  return [context, round = std::make_shared<std::shared_ptr<Round>>()](RedisNode::Found found) {
    *round = std::make_shared<Round>(context, std::move(found));
    (*round)->Start();
  };
}

}  // namespace trackwire::broker
