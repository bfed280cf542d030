#include "net/relay.h"

#include <sys/uio.h>

#include <array>
#include <string>
#include <utility>

#include "net/connections.h"
#include "net/shard.h"
#include "net/timer.h"

namespace trackwire::net {

/// What both ends share. It ends with the later of them.
class Relay::Pipe {
 public:
  Pipe(Shard& shard, const Options& options, UniqueFunction<void()> ended)
      : shard_(shard),
        options_(options),
        ended_(std::move(ended)),
        timer_([](void* self) { static_cast<Pipe*>(self)->Finish(); }, this) {}

  void Join(Connection& near, Connection& far, std::unique_ptr<Protocol> far_end) {
    halves_[0].connection = &near;
    halves_[1].connection = &far;
    shard_.connections().Replace(far, Connection::Kind::kRelay, std::move(far_end));
    shard_.connections().SetReading(far, true);
    timer_.Start(shard_.timers(), options_.idle_timeout);
  }

  /// Bytes for half `to`; its sender is not read while they do not go.
  void Send(int to, std::string_view bytes) {
    if (done_ || bytes.empty()) return;
    Half& half = halves_[to];
    if (!closing_) timer_.Start(shard_.timers(), options_.idle_timeout);
    if (!half.unsent.empty()) {
      half.unsent.append(bytes);
      return;
    }
    const ssize_t sent = Write(half, bytes);
    if (sent < 0 || static_cast<size_t>(sent) == bytes.size()) return;
    half.unsent.assign(bytes.substr(static_cast<size_t>(sent)));
    shard_.connections().PauseReading(*halves_[1 - to].connection);
  }

  void OnWritable(int side) {
    Half& half = halves_[side];
    if (done_ || half.unsent.empty()) return;
    const ssize_t sent = Write(half, half.unsent);
    if (sent < 0) return;
    half.unsent.erase(0, static_cast<size_t>(sent));
    if (!closing_) timer_.Start(shard_.timers(), options_.idle_timeout);
    if (!half.unsent.empty()) return;
    std::string().swap(half.unsent);
    shard_.connections().SetReading(*halves_[1 - side].connection, true);
    HandEndOn(1 - side);
  }

  void OnEndOfInput(int side) {
    if (done_) return;
    halves_[side].input_ended = true;
    if (!std::exchange(closing_, true)) timer_.Start(shard_.timers(), options_.end_timeout);
    HandEndOn(side);
  }

  /// Half `side` is gone already.
  void OnLost(int side) {
    if (done_) return;
    done_ = true;
    timer_.Cancel();
    // What is on its way to the other goes no further than its socket took.
    shard_.connections().Close(*halves_[1 - side].connection);
    Tell();
  }

 private:
  struct Half {
    Connection* connection = nullptr;
    std::string unsent;  // for it
    bool input_ended = false;
  };

  ssize_t Write(Half& half, std::string_view bytes) {
    const iovec vector{const_cast<char*>(bytes.data()), bytes.size()};
    return shard_.connections().Write(*half.connection, &vector, 1);
  }

  /// Says to the other half that `side` sends no more, once all it sent is out.
  void HandEndOn(int side) {
    Half& other = halves_[1 - side];
    if (!halves_[side].input_ended || !other.unsent.empty()) return;
    if (other.input_ended && halves_[side].unsent.empty()) return Finish();
    shard_.connections().ShutdownSend(*other.connection);
  }

  void Finish() {
    if (std::exchange(done_, true)) return;
    timer_.Cancel();
    for (Half& half : halves_) shard_.connections().Close(*half.connection);
    Tell();
  }

  void Tell() {
    if (ended_) std::exchange(ended_, nullptr)();
  }

  Shard& shard_;
  const Options options_;
  UniqueFunction<void()> ended_;
  Timer timer_;
  std::array<Half, 2> halves_;
  bool closing_ = false;  // an end has come, the other is awaited
  bool done_ = false;
};

class Relay::End final : public Protocol {
 public:
  End(std::shared_ptr<Pipe> pipe, int side) : pipe_(std::move(pipe)), side_(side) {}

  void OnBytes(char* data, size_t size) override { pipe_->Send(1 - side_, {data, size}); }
  void OnEndOfInput() override { pipe_->OnEndOfInput(side_); }
  void OnLost() override { pipe_->OnLost(side_); }
  void OnWritable() override { pipe_->OnWritable(side_); }

 private:
  std::shared_ptr<Pipe> pipe_;
  const int side_;
};

Relay::Relay(Shard& shard, const Options& options, UniqueFunction<void()> ended)
    : pipe_(std::make_shared<Pipe>(shard, options, std::move(ended))) {}

Relay::~Relay() = default;

std::unique_ptr<Protocol> Relay::TakeNearEnd() { return std::make_unique<End>(pipe_, 0); }

void Relay::Join(Connection& near, std::string_view to_near, Connection& far,
                 std::string_view to_far) {
  pipe_->Join(near, far, std::make_unique<End>(pipe_, 1));
  pipe_->Send(0, to_near);
  pipe_->Send(1, to_far);
}

}  // namespace trackwire::net
