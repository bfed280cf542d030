#include <algorithm>
#include <thread>

#include "tests/broker/backends.h"
#include "tests/broker/contract.h"

namespace trackwire::broker {
namespace {

using namespace std::chrono_literals;
using List = std::vector<std::string>;

class LogContract : public BrokerContract {};

TEST_P(LogContract, HandsEntriesToEveryTailOnceInOrder) {
  Entries second;
  loop_->Run([&] {
    broker_->log().Tail([&](const Entries& entries) {
      second.insert(second.end(), entries.begin(), entries.end());
    });
  });
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(Append({Entry("a" + std::to_string(i)), Entry("b" + std::to_string(i))}));
  }
  EXPECT_EQ(Tailed(), (List{"a0", "b0", "a1", "b1", "a2", "b2"}));
  loop_->Run([&] { EXPECT_EQ(Texts(second), (List{"a0", "b0", "a1", "b1", "a2", "b2"})); });
}

TEST_P(LogContract, KeepsTheBytes) {
  const std::string odd("{\"x\":48.8583701 ,\n\"n\":\"\xc3\xa9\\u0000\"}");
  const LogOffset start = TailOffset();
  const LogOffset offset = AppendOne(odd);
  EXPECT_EQ(Tailed(), List{odd});
  Reopen();
  EXPECT_EQ(Texts(Read(start, offset).value()), List{odd});
}

TEST_P(LogContract, OffsetsRiseAlsoWhenTheClockStepsBack) {
  LogOffset last = AppendOne("0");
  for (const auto step : {-3600s, 0s, 1s, -1s, 7200s}) {
    clock_.StepWall(step);
    const LogOffset next = AppendOne("x");
    EXPECT_LT(last, next);
    EXPECT_TRUE(last.SameEpoch(next));
    last = next;
  }
  clock_.StepWall(-24h);
  Reopen();
  EXPECT_EQ(TailOffset(), last);
  EXPECT_LT(last, AppendOne("after"));
}

TEST_P(LogContract, StoresAKeyOnce) {
  const LogOffset first = AppendOne("one", "k");
  auto again = Append({Entry("two", "k"), Entry("three")});
  ASSERT_TRUE(again);
  EXPECT_TRUE((*again)[0].duplicate);
  EXPECT_EQ((*again)[0].offset, first);
  EXPECT_FALSE((*again)[1].duplicate);
  Reopen();
  EXPECT_TRUE((*Append({Entry("four", "k")}))[0].duplicate);
  EXPECT_EQ(Texts(*Read({first.epoch, 0, 0}, TailOffset())), (List{"one", "three"}));
}

TEST_P(LogContract, StoresAKeyOnceWithinOneAppend) {
  auto result = Append({Entry("one", "k"), Entry("two", "k")});
  ASSERT_TRUE(result);
  EXPECT_EQ((*result)[0].offset, (*result)[1].offset);
  EXPECT_EQ(Tailed(), List{"one"});
}

TEST_P(LogContract, AKeyIsForgottenWithItsEntry) {
  AppendOne("one", "k");
  Elapse(3601s);
  EXPECT_FALSE((*Append({Entry("two", "k")}))[0].duplicate);
}

TEST_P(LogContract, ReadsWhatLiesBetween) {
  const LogOffset start = TailOffset();
  const LogOffset a = AppendOne("a");
  AppendOne("b");
  const LogOffset c = AppendOne("c");
  AppendOne("d");
  EXPECT_EQ(Texts(*Read(a, c)), (List{"b", "c"}));
  EXPECT_EQ(Texts(*Read(start, c)), (List{"a", "b", "c"}));
  EXPECT_EQ(Texts(*Read(c, c)), List{});
  EXPECT_EQ(Texts(*Read(start, c, 2)), (List{"a", "b"}));
  EXPECT_EQ(Texts(*Read(start, c, 10, 2)), (List{"a", "b"}));
  EXPECT_EQ(Texts(*Read(start, c, 10, 0)), List{"a"}) << "one entry always comes";
}

TEST_P(LogContract, ReadsTheSameFromStorage) {
  Backend::Options small;
  small.max_memory_bytes = 0;
  Reopen(small);
  const LogOffset start = TailOffset();
  List all;
  for (int i = 0; i < 100; ++i) {
    all.push_back("entry " + std::to_string(i));
    AppendOne(all.back());
  }
  const LogOffset end = TailOffset();
  EXPECT_EQ(Texts(*Read(start, end)), all);
  EXPECT_EQ(Texts(*Read(start, end, 3)), (List{"entry 0", "entry 1", "entry 2"}));
  EXPECT_EQ(Texts(*Read(start, end, 10, 15)), (List{"entry 0", "entry 1"}));
}

TEST_P(LogContract, RefusesOffsetsOfAnotherLog) {
  const LogOffset a = AppendOne("a");
  const LogOffset tail = TailOffset();
  EXPECT_EQ(Read({"other", a.ms, a.seq}, tail).error().code, "epoch");
  EXPECT_EQ(Read({a.epoch, a.ms + 1, 0}, tail).error().code, "epoch");
  EXPECT_EQ(Read({a.epoch, ~uint64_t{0}, 0}, tail).error().code, "epoch");
  EXPECT_EQ(Read({a.epoch, a.ms, ~uint64_t{0}}, tail).error().code, "epoch");
}

TEST_P(LogContract, ForgetsWhatExpired) {
  const LogOffset start = TailOffset();
  AppendOne("old");
  const LogOffset old2 = AppendOne("old 2");
  Elapse(1800s);
  const LogOffset young = AppendOne("young");
  Elapse(1801s);
  ASSERT_TRUE(test::Until([&] {
    Elapse(2s);
    AppendOne("more");
    return !Read(start, young);
  }));
  EXPECT_EQ(Read(start, young).error().code, "trimmed");
  EXPECT_EQ(Texts(*Read(old2, young)), List{"young"});
  Reopen();
  EXPECT_EQ(Read(start, young).error().code, "trimmed");
  EXPECT_EQ(Texts(*Read(old2, young)), List{"young"});
}

TEST_P(LogContract, OffsetsStillRiseWhenEverythingExpired) {
  const LogOffset last = AppendOne("old");
  Elapse(10'000s);
  AppendOne("new");
  ASSERT_TRUE(test::Until([&] {
    Elapse(2s);
    broker_->sessions().Save({"any", "", "", ""});
    return Health().log_entries <= 1;
  }));
  clock_.StepWall(-20'000s);
  Reopen();
  EXPECT_EQ(Health().log_entries, 1u);
  if (backend_->counts_envelope_bytes()) {
    EXPECT_EQ(Health().log_bytes, 3u) << "what expired is no longer counted";
  }
  EXPECT_LT(last, AppendOne("newer"));
}

TEST_P(LogContract, RefusesWhatDoesNotFitTheQueueAtOnce) {
  Backend::Options options;
  options.max_queue_entries = 2;
  Reopen(options);
  EXPECT_EQ(Append({Entry("a"), Entry("b"), Entry("c")}).error().code, "queue_full");
  EXPECT_TRUE(Append({Entry("a"), Entry("b")}));
  EXPECT_EQ(Tailed(), (List{"a", "b"}));
  EXPECT_EQ(Health().append_queue, 0u);
}

TEST_P(LogContract, ThreadsKeepTheirOwnOrder) {
  constexpr int kThreads = 4;
  constexpr int kEach = 200;
  std::atomic<int> answered{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        broker_->log().Append({Entry(std::to_string(t) + ":" + std::to_string(i))},
                              [&](const auto& result) { answered += result ? 1 : 0; });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(test::Until([&] { return answered == kThreads * kEach; }));
  ASSERT_TRUE(test::Until([&] { return Tailed().size() >= size_t{kThreads * kEach}; }));
  std::vector<int> next(kThreads, 0);
  for (const std::string& text : Tailed()) {
    const size_t t = static_cast<size_t>(text[0] - '0');
    EXPECT_EQ(std::stoi(text.substr(2)), next[t]++);
  }
  EXPECT_EQ(std::count(next.begin(), next.end(), kEach), kThreads);
}

TEST_P(LogContract, ShutdownMakesDurableWhatWasAccepted) {
  const LogOffset start = TailOffset();
  int answered = 0;
  for (int i = 0; i < 500; ++i) {
    broker_->log().Append({Entry(std::to_string(i))},
                          [&](const auto& result) { answered += result ? 1 : 0; });
  }
  Close();
  EXPECT_EQ(answered, 500);
  Open();
  EXPECT_EQ(Read(start, TailOffset())->size(), 500u);
}

TEST_P(LogContract, TakesNothingAfterShutdown) {
  test::Await<bool>([this](auto done) {
    loop_->Post([this, done] { broker_->Shutdown([done] { done(true); }); });
  });
  EXPECT_EQ(Append({Entry("late")}).error().code, "unavailable");
}

INSTANTIATE_TEST_SUITE_P(Backends, LogContract, testing::ValuesIn(kPersistentBackends));

}  // namespace
}  // namespace trackwire::broker
