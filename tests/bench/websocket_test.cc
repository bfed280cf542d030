#include "wire/websocket.h"

#include <gtest/gtest.h>

#include <string>

namespace trackwire::bench {
namespace {

constexpr size_t kMax = 200'000;

TEST(WebSocketTest, ReadsBackWhatItWroteAtEverySize) {
  for (const size_t size : {0, 1, 125, 126, 127, 65'535, 65'536, 150'000}) {
    const std::string payload(size, 'x');
    std::string plain;
    std::string masked;
    AppendFrame(plain, Opcode::kText, payload);
    AppendMaskedFrame(masked, Opcode::kText, payload, 0xA1B2C3D4);
    for (std::string* bytes : {&plain, &masked}) {
      const ParsedFrame frame = ParseFrame(*bytes, kMax);
      ASSERT_EQ(frame.state, FrameState::kComplete) << size;
      EXPECT_EQ(frame.opcode, Opcode::kText);
      EXPECT_EQ(frame.size, bytes->size());
      EXPECT_EQ(frame.payload, payload);
    }
  }
}

TEST(WebSocketTest, MasksWhatAClientSends) {
  std::string frame;
  AppendMaskedFrame(frame, Opcode::kText, "40", 0x01010101);
  EXPECT_EQ(frame, std::string("\x81\x82\x01\x01\x01\x01\x35\x31"));
}

TEST(WebSocketTest, WaitsForMoreAtEverySplitPoint) {
  std::string whole;
  AppendMaskedFrame(whole, Opcode::kText, std::string(300, 'y'), 0x12345678);
  for (size_t size = 0; size < whole.size(); ++size) {
    std::string part = whole.substr(0, size);
    EXPECT_EQ(ParseFrame(part, kMax).state, FrameState::kNeedMore) << size;
    EXPECT_EQ(part, whole.substr(0, size)) << "an incomplete frame must stay masked";
  }
}

TEST(WebSocketTest, RefusesWhatItCannotRead) {
  const struct {
    const char* why;
    std::string bytes;
  } cases[] = {
      {"fragment", std::string("\x01\x01x", 3)},
      {"continuation", std::string("\x80\x01x", 3)},
      {"reserved bit", std::string("\xC1\x01x", 3)},
      {"unknown opcode", std::string("\x83\x01x", 3)},
      {"too large", std::string("\x81\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 10)},
  };
  for (auto c : cases) EXPECT_EQ(ParseFrame(c.bytes, kMax).state, FrameState::kBroken) << c.why;
}

TEST(WebSocketTest, AnswersTheKeyOfTheSpecification) {
  EXPECT_EQ(AcceptKey("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocketTest, FindsHeadersWithoutCase) {
  const std::string head = "HTTP/1.1 200 OK\r\ncontent-LENGTH:  12 \r\nX-Content-Length: 9\r\n";
  EXPECT_EQ(HeaderValue(head, "Content-Length"), "12");
  EXPECT_EQ(HeaderValue(head, "Length"), "");
  EXPECT_EQ(HeaderValue("", "Length"), "");
}

}  // namespace
}  // namespace trackwire::bench
