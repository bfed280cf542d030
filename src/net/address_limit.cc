#include "net/address_limit.h"

#include <netinet/in.h>

#include <array>
#include <cstring>
#include <map>
#include <mutex>

namespace trackwire::net {
namespace {

/// Family and the bytes that count: four of IPv4, also where it comes mapped, eight of IPv6.
using Key = std::array<uint8_t, 9>;

Key KeyOf(const sockaddr_storage& peer) {
  Key key{};
  if (peer.ss_family == AF_INET) {
    key[0] = 4;
    std::memcpy(key.data() + 1, &reinterpret_cast<const sockaddr_in&>(peer).sin_addr, 4);
  } else if (peer.ss_family == AF_INET6) {
    const in6_addr& address = reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr;
    const bool mapped = IN6_IS_ADDR_V4MAPPED(&address);
    key[0] = mapped ? 4 : 6;
    std::memcpy(key.data() + 1, address.s6_addr + (mapped ? 12 : 0), mapped ? 4 : 8);
  }
  return key;
}

}  // namespace

struct AddressLimit::Entry {
  std::shared_ptr<Table> table;  // lives while anybody is counted in it
  Key key;
  uint32_t count = 0;
};

/// The lock guards `entries` and their counts. Shards take it once for a connection that comes and
/// once for one that goes, far from what is done for each message.
struct AddressLimit::Table {
  std::mutex lock;
  std::map<Key, Entry> entries;
};

AddressLimit::AddressLimit(uint32_t most, Exempt exempt)
    : most_(most), exempt_(std::move(exempt)), table_(std::make_shared<Table>()) {}

AddressLimit::~AddressLimit() = default;

AddressLimit::Admission AddressLimit::Admit(const sockaddr_storage& peer, std::string_view text) {
  if (most_ == 0 || (exempt_ && exempt_(text))) return {};
  const Key key = KeyOf(peer);
  const std::lock_guard<std::mutex> hold(table_->lock);
  Entry& entry = table_->entries[key];
  if (entry.count >= most_) return {false, Seat()};
  if (entry.count++ == 0) {
    entry.table = table_;
    entry.key = key;
  }
  return {true, Seat(&entry)};
}

void AddressLimit::Seat::Release() {
  Entry* entry = std::exchange(entry_, nullptr);
  if (entry == nullptr) return;
  const std::shared_ptr<Table> table = entry->table;
  const std::lock_guard<std::mutex> hold(table->lock);
  if (--entry->count == 0) {
    const Key key = entry->key;
    table->entries.erase(key);
  }
}

size_t AddressLimit::addresses() const {
  const std::lock_guard<std::mutex> hold(table_->lock);
  return table_->entries.size();
}

}  // namespace trackwire::net
