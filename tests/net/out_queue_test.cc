#include "net/out_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/uio.h>

#include <deque>
#include <random>
#include <string>
#include <vector>

namespace trackwire::net {
namespace {

using ::testing::ElementsAre;
using Pushed = OutQueue::Pushed;
using namespace std::chrono_literals;

FrameRef Frame(std::string_view payload, uint64_t key = 0) {
  return FrameRef::Hold(
      EncodedFrame::Make(FrameKind::kText, payload, {.conflation_key = key, .accepted_at = {}}));
}

class OutQueueTest : public ::testing::Test {
 protected:
  Pushed Push(std::string_view payload, uint64_t key = 0, bool control = false) {
    return queue_.Push(Frame(payload, key), control, limits_, now_);
  }

  /// What would be sent next, as bytes.
  std::string Waiting(int max_vectors = 64) const {
    std::vector<iovec> vectors(static_cast<size_t>(max_vectors));
    const int count = queue_.Gather(vectors.data(), max_vectors);
    std::string bytes;
    for (int i = 0; i < count; ++i) {
      bytes.append(static_cast<const char*>(vectors[static_cast<size_t>(i)].iov_base),
                   vectors[static_cast<size_t>(i)].iov_len);
    }
    return bytes;
  }

  std::vector<std::string> PopAll() {
    std::vector<std::string> payloads;
    while (!queue_.empty()) payloads.emplace_back(queue_.Pop()->payload());
    return payloads;
  }

  OutQueue::Limits limits_;
  Steady::time_point now_{1h};
  OutQueue queue_;
};

TEST_F(OutQueueTest, IsEmptyAtFirst) {
  EXPECT_TRUE(queue_.empty());
  EXPECT_EQ(queue_.bytes(), 0u);
  EXPECT_EQ(queue_.frames(), 0u);
  iovec vector;
  EXPECT_EQ(queue_.Gather(&vector, 1), 0);
  queue_.Clear();
}

TEST_F(OutQueueTest, KeepsOrderThroughPartialWrites) {
  std::string expected;
  for (int i = 0; i < 5; ++i) {
    const std::string payload = "payload " + std::to_string(i);
    Push(payload);
    expected += std::string(Frame(payload)->wire());
  }
  EXPECT_EQ(queue_.bytes(), expected.size());
  std::vector<std::string> done;
  for (size_t sent = 0; sent < expected.size(); sent += 3) {
    EXPECT_EQ(Waiting(), expected.substr(sent));
    EXPECT_EQ(queue_.bytes(), expected.size() - sent);
    const size_t portion = std::min<size_t>(3, expected.size() - sent);
    queue_.Consume(
        portion,
        [](void* list, const EncodedFrame& frame) {
          static_cast<std::vector<std::string>*>(list)->emplace_back(frame.payload());
        },
        &done);
  }
  EXPECT_TRUE(queue_.empty());
  EXPECT_THAT(done, ElementsAre("payload 0", "payload 1", "payload 2", "payload 3", "payload 4"));
}

TEST_F(OutQueueTest, GathersNoMoreThanAsked) {
  for (int i = 0; i < 10; ++i) Push("x");
  EXPECT_EQ(Waiting(4).size(), 4 * Frame("x")->wire().size());
}

TEST_F(OutQueueTest, DoesNotConflateBelowTheThreshold) {
  EXPECT_EQ(Push("old", 1), Pushed::kQueued);
  EXPECT_EQ(Push("new", 1), Pushed::kQueued);
  EXPECT_THAT(PopAll(), ElementsAre("old", "new"));
}

TEST_F(OutQueueTest, TheNewerFrameOfAKeyKeepsItsOwnPlace) {
  limits_.conflate_above_bytes = 0;
  EXPECT_EQ(Push("a1", 1), Pushed::kQueued);
  EXPECT_EQ(Push("b1", 2), Pushed::kQueued);
  EXPECT_EQ(Push("plain"), Pushed::kQueued);
  EXPECT_EQ(Push("a2", 1), Pushed::kConflated);
  EXPECT_EQ(Push("plain"), Pushed::kQueued);
  EXPECT_EQ(Push("a3", 1), Pushed::kConflated);
  EXPECT_EQ(queue_.frames(), 4u);
  EXPECT_THAT(PopAll(), ElementsAre("b1", "plain", "plain", "a3"));
}

TEST_F(OutQueueTest, FindsKeysThatWereQueuedBeforeTheThreshold) {
  limits_.conflate_above_bytes = 20;
  Push("old", 1);
  Push(std::string(20, 'x'));
  EXPECT_EQ(Push("new", 1), Pushed::kConflated);
  EXPECT_THAT(PopAll(), ElementsAre(std::string(20, 'x'), "new"));
}

TEST_F(OutQueueTest, NeverRemovesAFrameThatHasBegunToLeave) {
  limits_.conflate_above_bytes = 0;
  Push("first", 1);
  queue_.Consume(1, nullptr, nullptr);
  EXPECT_EQ(Push("second", 1), Pushed::kQueued);
  EXPECT_EQ(Push("third", 1), Pushed::kConflated);
  const std::string expected =
      std::string(Frame("first")->wire().substr(1)) + std::string(Frame("third")->wire());
  EXPECT_EQ(Waiting(), expected);
}

TEST_F(OutQueueTest, ForgetsKeysThatWereSent) {
  limits_.conflate_above_bytes = 0;
  Push("first", 1);
  Push("other");
  queue_.Pop();
  EXPECT_EQ(Push("second", 1), Pushed::kQueued);
  EXPECT_THAT(PopAll(), ElementsAre("other", "second"));
}

TEST_F(OutQueueTest, LimitsBytes) {
  limits_.max_bytes = 100;
  EXPECT_EQ(Push(std::string(80, 'x')), Pushed::kQueued);
  EXPECT_EQ(Push(std::string(20, 'x')), Pushed::kOverLimit);
  EXPECT_EQ(queue_.frames(), 1u);
  EXPECT_EQ(Push("heartbeat that is exempt", 0, true), Pushed::kQueued);
  OutQueue other;
  EXPECT_EQ(other.Push(Frame(std::string(200, 'x')), false, limits_, now_), Pushed::kOverLimit);
  EXPECT_TRUE(other.empty());
}

TEST_F(OutQueueTest, LimitsFrames) {
  limits_.max_frames = 2;
  EXPECT_EQ(Push("1"), Pushed::kQueued);
  EXPECT_EQ(Push("2"), Pushed::kQueued);
  EXPECT_EQ(Push("3"), Pushed::kOverLimit);
  EXPECT_EQ(Push("4", 0, true), Pushed::kQueued);
  EXPECT_THAT(PopAll(), ElementsAre("1", "2", "4"));
}

TEST_F(OutQueueTest, LimitsTheAgeOfTheOldest) {
  Push("1");
  now_ += 59s;
  Push("2");
  EXPECT_EQ(queue_.oldest(), now_ - 59s);
  now_ += 2s;
  EXPECT_EQ(Push("3"), Pushed::kOverLimit);
  queue_.Pop();
  EXPECT_EQ(Push("3"), Pushed::kQueued);
}

TEST_F(OutQueueTest, MovesWithItsFrames) {
  Push("1");
  OutQueue moved = std::move(queue_);
  EXPECT_EQ(moved.frames(), 1u);
  OutQueue assigned;
  assigned = std::move(moved);
  EXPECT_EQ(assigned.Pop()->payload(), "1");
}

/// The same operations on a plain list tell what must be in the queue.
TEST_F(OutQueueTest, AgreesWithAPlainListInRandomUse) {
  struct Item {
    std::string payload;
    uint64_t key;
  };
  std::mt19937 random(11);
  limits_.conflate_above_bytes = 300;
  limits_.max_frames = 500;
  std::deque<Item> model;
  size_t offset = 0;
  const auto wire_size = [](const Item& item) { return Frame(item.payload)->wire().size(); };
  for (int step = 0; step < 30'000; ++step) {
    size_t bytes = 0;
    for (const Item& item : model) bytes += wire_size(item);
    bytes -= offset;
    ASSERT_EQ(queue_.bytes(), bytes);
    ASSERT_EQ(queue_.frames(), model.size());
    if (random() % 100 < (step / 5'000 % 2 == 0 ? 70 : 40)) {
      const Item item{"p" + std::to_string(step), random() % 30};
      bool conflated = false;
      if (bytes + wire_size(item) > 300 && item.key != 0) {
        for (size_t i = model.size(); i-- > 0 && !conflated;) {
          if (model[i].key != item.key) continue;
          if (i == 0 && offset > 0) break;
          model.erase(model.begin() + static_cast<std::ptrdiff_t>(i));
          conflated = true;
        }
      }
      const Pushed expected = model.size() >= 500 ? Pushed::kOverLimit
                              : conflated         ? Pushed::kConflated
                                                  : Pushed::kQueued;
      if (expected != Pushed::kOverLimit) model.push_back(item);
      ASSERT_EQ(Push(item.payload, item.key), expected);
    } else if (bytes > 0) {
      size_t sent = std::min<size_t>(bytes, 1 + random() % 40);
      queue_.Consume(sent, nullptr, nullptr);
      for (offset += sent; !model.empty() && offset >= wire_size(model[0]);) {
        offset -= wire_size(model[0]);
        model.pop_front();
      }
    }
  }
  std::vector<std::string> expected;
  if (offset > 0) {
    // The first has begun to leave; what is left of it comes first all the same.
    EXPECT_EQ(queue_.Pop()->payload(), model[0].payload);
    model.pop_front();
  }
  for (const Item& item : model) expected.push_back(item.payload);
  EXPECT_EQ(PopAll(), expected);
}

TEST(FrameTest, HasTheHeaderOfItsLength) {
  struct Case {
    size_t size;
    std::string header;
  };
  const Case cases[] = {
      {0, std::string("\x81\x00", 2)},
      {125, std::string("\x81\x7D", 2)},
      {126, std::string("\x81\x7E\x00\x7E", 4)},
      {65'535, std::string("\x81\x7E\xFF\xFF", 4)},
      {65'536, std::string("\x81\x7F\x00\x00\x00\x00\x00\x01\x00\x00", 10)},
  };
  for (const Case& c : cases) {
    const std::string payload(c.size, 'x');
    const auto frame = EncodedFrame::Make(FrameKind::kText, payload);
    EXPECT_EQ(frame->wire(), c.header + payload);
    EXPECT_EQ(frame->payload(), payload);
  }
  EXPECT_EQ(EncodedFrame::Make(FrameKind::kBinary, "x")->wire(), "\x82\x01x");
  EXPECT_EQ(EncodedFrame::Raw("HTTP")->wire(), "HTTP");
}

TEST(FrameTest, ReferencesShareOneFrame) {
  auto frame = EncodedFrame::Make(FrameKind::kText, "x");
  const std::weak_ptr<const EncodedFrame> alive = frame;
  {
    FrameRef first = FrameRef::Hold(std::move(frame));
    FrameRef second = first;
    first = FrameRef();
    EXPECT_FALSE(first);
    EXPECT_EQ(second->payload(), "x");
    FrameRef third = std::move(second);
    EXPECT_EQ((*third).payload(), "x");
  }
  EXPECT_TRUE(alive.expired());
}

}  // namespace
}  // namespace trackwire::net
