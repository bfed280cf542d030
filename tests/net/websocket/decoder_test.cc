#include "net/websocket/decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "net/websocket/opcode.h"
#include "tests/net/net_test_client.h"

namespace trackwire::net::websocket {
namespace {

using net::testing::MaskedFrame;

/// Writes down what it is given; may stop at a call.
class Recorder final : public Decoder::Sink {
 public:
  bool OnMessage(FrameKind kind, std::string_view payload) override {
    return Note(kind == FrameKind::kText ? "text:" : "binary:", payload);
  }
  bool OnPing(std::string_view payload) override { return Note("ping:", payload); }
  bool OnPong(std::string_view payload) override { return Note("pong:", payload); }
  bool OnClose(uint16_t code, std::string_view reason) override {
    Note("close:" + std::to_string(code) + ":", reason);
    return false;
  }

  std::vector<std::string> calls;
  size_t stop_after = SIZE_MAX;

 private:
  bool Note(std::string what, std::string_view payload) {
    calls.push_back(std::move(what.append(payload)));
    return calls.size() < stop_after;
  }
};

struct Outcome {
  std::vector<std::string> calls;
  std::optional<DecodeError> error;

  bool operator==(const Outcome&) const = default;
};

constexpr size_t kLimit = 70'000;

/// Feeds portions, each from a heap block of exactly its size, so that a read beyond is seen.
Outcome FeedIn(const std::vector<std::string_view>& portions) {
  Decoder decoder(kLimit);
  Recorder recorder;
  Outcome outcome;
  for (const std::string_view portion : portions) {
    const std::unique_ptr<char[]> exact(new char[portion.size()]);
    portion.copy(exact.get(), portion.size());
    outcome.error = decoder.Feed(exact.get(), portion.size(), recorder);
    if (outcome.error) break;
  }
  outcome.calls = std::move(recorder.calls);
  return outcome;
}

Outcome FeedWhole(std::string_view bytes) { return FeedIn({bytes}); }

/// A header alone, for lengths that nobody wants to send.
std::string Header(std::initializer_list<int> bytes) {
  std::string header;
  for (const int byte : bytes) header.push_back(static_cast<char>(byte));
  return header;
}

struct Case {
  const char* name;
  std::string bytes;
  std::vector<std::string> calls;
  std::optional<DecodeError> error;
};

std::vector<Case> Cases() {
  const std::string big(65'536, 'b');
  const std::string medium(300, 'm');
  const std::string snow = "\xE2\x98\x83";
  using E = DecodeError;
  return {
      {"empty text", MaskedFrame(0x81, ""), {"text:"}, {}},
      {"text", MaskedFrame(0x81, "hello"), {"text:hello"}, {}},
      {"two in a row", MaskedFrame(0x81, "a") + MaskedFrame(0x82, "b"), {"text:a", "binary:b"}, {}},
      {"16-bit length", MaskedFrame(0x82, medium), {"binary:" + medium}, {}},
      {"64-bit length", MaskedFrame(0x82, big), {"binary:" + big}, {}},
      {"ping and pong", MaskedFrame(0x89, "p") + MaskedFrame(0x8A, ""), {"ping:p", "pong:"}, {}},
      {"ping of 125 bytes",
       MaskedFrame(0x89, big.substr(0, 125)),
       {"ping:" + big.substr(0, 125)},
       {}},
      {"fragments",
       MaskedFrame(0x01, "ab") + MaskedFrame(0x00, "") + MaskedFrame(0x80, "cd"),
       {"text:abcd"},
       {}},
      {"control between fragments",
       MaskedFrame(0x02, "ab") + MaskedFrame(0x89, "x") + MaskedFrame(0x80, "cd"),
       {"ping:x", "binary:abcd"},
       {}},
      {"a character split between fragments",
       MaskedFrame(0x01, snow.substr(0, 1)) + MaskedFrame(0x80, snow.substr(1)),
       {"text:" + snow},
       {}},
      {"close without a code", MaskedFrame(0x88, ""), {"close:1005:"}, {}},
      {"close with a reason",
       MaskedFrame(0x88,
                   "\x03\xE8"
                   "bye"),
       {"close:1000:bye"},
       {}},
      {"close between fragments",
       MaskedFrame(0x01, "ab") + MaskedFrame(0x88, "\x0F\xA0"),
       {"close:4000:"},
       {}},
      {"nothing is heard after a close",
       MaskedFrame(0x88, "") + MaskedFrame(0x81, "x"),
       {"close:1005:"},
       {}},

      {"reserved bit 1", MaskedFrame(0xC1, "x"), {}, E::kReservedBits},
      {"reserved bit 2", MaskedFrame(0xA1, "x"), {}, E::kReservedBits},
      {"reserved bit 3", MaskedFrame(0x91, "x"), {}, E::kReservedBits},
      {"data opcode 3", MaskedFrame(0x83, "x"), {}, E::kBadOpcode},
      {"control opcode 11", MaskedFrame(0x8B, "x"), {}, E::kBadOpcode},
      {"not masked", std::string("\x81\x01x", 3), {}, E::kNotMasked},
      {"control in fragments", MaskedFrame(0x09, "x"), {}, E::kFragmentedControl},
      {"control of 126 bytes", MaskedFrame(0x89, big.substr(0, 126)), {}, E::kControlTooLong},
      {"16-bit length that fits 7",
       Header({0x82, 0xFE, 0, 125, 1, 2, 3, 4}),
       {},
       E::kLengthNotMinimal},
      {"64-bit length that fits 16",
       Header({0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 1, 2, 3, 4}),
       {},
       E::kLengthNotMinimal},
      {"64-bit length with the top bit",
       Header({0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4}),
       {},
       E::kLengthTooBig},
      {"continuation of nothing", MaskedFrame(0x80, "x"), {}, E::kUnexpectedContinuation},
      {"continuation after the end",
       MaskedFrame(0x01, "a") + MaskedFrame(0x80, "b") + MaskedFrame(0x80, "c"),
       {"text:ab"},
       E::kUnexpectedContinuation},
      {"a message within a message",
       MaskedFrame(0x01, "a") + MaskedFrame(0x81, "b"),
       {},
       E::kExpectedContinuation},
      {"text that is not UTF-8", MaskedFrame(0x81, "a\xFFz"), {}, E::kBadUtf8},
      {"text that ends within a character", MaskedFrame(0x81, snow.substr(0, 2)), {}, E::kBadUtf8},
      {"fragments that end within a character",
       MaskedFrame(0x01, "a") + MaskedFrame(0x80, snow.substr(0, 2)),
       {},
       E::kBadUtf8},
      {"close of one byte", MaskedFrame(0x88, "x"), {}, E::kBadClose},
      {"close with a bad reason", MaskedFrame(0x88, "\x03\xE8\xFF"), {}, E::kBadUtf8},
      {"over the limit", MaskedFrame(0x82, std::string(kLimit + 1, 'x')), {}, E::kTooLarge},
      {"over the limit in fragments",
       MaskedFrame(0x02, std::string(kLimit, 'x')) + MaskedFrame(0x80, "y"),
       {},
       E::kTooLarge},
      {"a huge announcement",
       Header({0x82, 0xFF, 0x7F, -1, -1, -1, -1, -1, -1, -1, 1, 2, 3, 4}),
       {},
       E::kTooLarge},
  };
}

TEST(DecoderTest, DecodesWhatCameWhole) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(c.name);
    const Outcome outcome = FeedWhole(c.bytes);
    EXPECT_EQ(outcome.calls, c.calls);
    EXPECT_EQ(outcome.error, c.error);
  }
}

TEST(DecoderTest, DecodesTheSameFromEverySplitPoint) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(c.name);
    const std::string_view bytes = c.bytes;
    // Long payloads are alike inside.
    const size_t step = bytes.size() > 1000 ? 997 : 1;
    for (size_t split = 0; split <= bytes.size(); split += split < 40 ? 1 : step) {
      const Outcome outcome = FeedIn({bytes.substr(0, split), bytes.substr(split)});
      ASSERT_EQ(outcome.calls, c.calls) << "at " << split;
      ASSERT_EQ(outcome.error, c.error) << "at " << split;
    }
  }
}

TEST(DecoderTest, DecodesTheSameByteByByte) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(c.name);
    std::vector<std::string_view> portions;
    for (size_t i = 0; i < c.bytes.size(); ++i) {
      portions.push_back(std::string_view(c.bytes).substr(i, 1));
    }
    const Outcome outcome = FeedIn(portions);
    EXPECT_EQ(outcome.calls, c.calls);
    EXPECT_EQ(outcome.error, c.error);
  }
}

TEST(DecoderTest, FailsAtTheFirstByteThatIsWrong) {
  struct Early {
    const char* name;
    std::string bytes;
    size_t enough;
  };
  const Early cases[] = {
      {"reserved bit", MaskedFrame(0xC1, "x"), 1},
      {"opcode", MaskedFrame(0x83, "x"), 1},
      {"control fragment", MaskedFrame(0x09, "x"), 1},
      {"no mask", std::string("\x81\x01x", 3), 2},
      {"long control", MaskedFrame(0x89, std::string(126, 'x')), 2},
      {"top bit", Header({0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 1}), 3},
      {"limit", MaskedFrame(0x82, std::string(kLimit + 1, 'x')), 10},
      {"UTF-8",
       MaskedFrame(0x81,
                   "ab\xFF"
                   "cdefgh"),
       6 + 3},
      {"overlong UTF-8", MaskedFrame(0x81, "\xC0"), 6 + 1},
      {"surrogate in UTF-8", MaskedFrame(0x81, "\xED\xA0\x80"), 6 + 2},
  };
  for (const Early& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_FALSE(FeedWhole(std::string_view(c.bytes).substr(0, c.enough - 1)).error);
    EXPECT_TRUE(FeedWhole(std::string_view(c.bytes).substr(0, c.enough)).error);
  }
}

TEST(DecoderTest, KnowsWhichCloseCodesMayBeSent) {
  for (int code = 0; code < 5200; ++code) {
    const bool allowed = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
                         (code >= 3000 && code <= 4999);
    const std::string payload = Header({code >> 8, code & 0xFF});
    const Outcome outcome = FeedWhole(MaskedFrame(0x88, payload));
    ASSERT_EQ(outcome.error.has_value(), !allowed) << code;
  }
}

TEST(DecoderTest, ViolationsHaveTheirCloseCodes) {
  EXPECT_EQ(CloseCodeOf(DecodeError::kBadUtf8), 1007);
  EXPECT_EQ(CloseCodeOf(DecodeError::kTooLarge), 1009);
  EXPECT_EQ(CloseCodeOf(DecodeError::kNotMasked), 1002);
}

TEST(DecoderTest, ReadsWhatAServerSaysAtEverySplitPoint) {
  const std::string bytes("\x81\x05hello\x89\x01x\x01\x02he\x80\x03llo\x88\x02\x03\xe8", 24);
  const std::vector<std::string> expected{"text:hello", "ping:x", "text:hello", "close:1000:"};
  for (size_t split = 0; split <= bytes.size(); ++split) {
    Decoder decoder(kLimit, FramesOf::kServer);
    Recorder recorder;
    std::string first = bytes.substr(0, split);
    std::string second = bytes.substr(split);
    EXPECT_FALSE(decoder.Feed(first.data(), first.size(), recorder)) << split;
    EXPECT_FALSE(decoder.Feed(second.data(), second.size(), recorder)) << split;
    EXPECT_EQ(recorder.calls, expected) << split;
  }
  Decoder decoder(kLimit, FramesOf::kServer);
  Recorder recorder;
  std::string masked = MaskedFrame(0x81, "x");
  EXPECT_EQ(decoder.Feed(masked.data(), masked.size(), recorder), DecodeError::kMasked);
}

TEST(DecoderTest, ReadsWhatAClientOfOursSays) {
  for (const size_t size : {0UL, 1UL, 125UL, 126UL, 65'535UL, 65'536UL}) {
    const std::string payload(size, 'x');
    std::string frame = ClientFrame(Opcode::kText, payload, "key4");
    Decoder decoder(kLimit);
    Recorder recorder;
    EXPECT_FALSE(decoder.Feed(frame.data(), frame.size(), recorder)) << size;
    EXPECT_EQ(recorder.calls, (std::vector<std::string>{"text:" + payload})) << size;
  }
}

TEST(DecoderTest, StopsWhenTheSinkSaysSo) {
  Decoder decoder(kLimit);
  Recorder recorder;
  recorder.stop_after = 1;
  std::string bytes = MaskedFrame(0x81, "a") + MaskedFrame(0x81, "b");
  EXPECT_FALSE(decoder.Feed(bytes.data(), bytes.size(), recorder));
  EXPECT_THAT(recorder.calls, ::testing::ElementsAre("text:a"));
}

TEST(DecoderTest, SurvivesRandomBytesAndAgreesWithItselfInPortions) {
  std::mt19937 random(5);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes;
    for (int frames = 1 + static_cast<int>(random() % 3); frames > 0; --frames) {
      const uint8_t opcodes[] = {0x81, 0x82, 0x01, 0x00, 0x80, 0x89, 0x88};
      bytes += MaskedFrame(opcodes[random() % 7], std::string(random() % 9, 'a'));
    }
    if (random() % 2 == 0) bytes[random() % bytes.size()] = static_cast<char>(random());
    const Outcome whole = FeedWhole(bytes);
    const size_t split = random() % (bytes.size() + 1);
    const std::string_view view = bytes;
    ASSERT_EQ(FeedIn({view.substr(0, split), view.substr(split)}), whole);
  }
}

TEST(UnmaskTest, XorsWithTheKeyFromAnyPhase) {
  const uint8_t key[4] = {1, 2, 4, 8};
  for (size_t size = 0; size < 40; ++size) {
    for (size_t phase = 0; phase < 4; ++phase) {
      std::string data(size, '\0');
      Unmask(data.data(), size, key, phase);
      for (size_t i = 0; i < size; ++i) ASSERT_EQ(data[i], key[(phase + i) & 3]);
    }
  }
}

TEST(CloseFrameTest, CutsTheReasonAtACharacter) {
  const std::string frame = CloseFrame(1000, std::string(122, 'x') + "\xE2\x98\x83");
  EXPECT_EQ(frame.size(), 2u + 2 + 122);
  EXPECT_EQ(CloseFrame(0, "ignored"), std::string("\x88\x00", 2));
}

}  // namespace
}  // namespace trackwire::net::websocket
