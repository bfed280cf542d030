#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

struct sockaddr_storage;

namespace trackwire::net {

/// Bounds how many connections one address may hold at a time, over all shards of a process.
///
/// Counts peers of TCP: behind a proxy all clients have its address, so it must be exempt, or the
/// limit be off. IPv6 counts by /64, the least that anybody is given. Any thread; a seat may be
/// given back on another thread than it was taken on, also after the limit itself is gone.
class AddressLimit {
 private:
  struct Table;
  struct Entry;

 public:
  /// One connection's place; moves with it and ends with it.
  class Seat {
   public:
    Seat() = default;
    Seat(Seat&& other) noexcept : entry_(std::exchange(other.entry_, nullptr)) {}
    Seat& operator=(Seat&& other) noexcept {
      std::swap(entry_, other.entry_);
      return *this;
    }
    ~Seat() { Release(); }
    void Release();

   private:
    friend class AddressLimit;
    explicit Seat(Entry* entry) : entry_(entry) {}

    Entry* entry_ = nullptr;
  };

  /// Says of an address (as text, without port) that it is not counted. Any thread.
  using Exempt = std::function<bool(std::string_view address)>;

  /// `most` connections an address; 0: no limit.
  AddressLimit(uint32_t most, Exempt exempt);
  ~AddressLimit();

  struct Admission {
    bool admitted = true;
    Seat seat;
  };
  /// Asks for one more. `text` is the address of `peer` as text.
  Admission Admit(const sockaddr_storage& peer, std::string_view text);
  /// How many addresses hold a connection.
  size_t addresses() const;

 private:
  uint32_t most_;
  Exempt exempt_;
  std::shared_ptr<Table> table_;
};

}  // namespace trackwire::net
