#include "socketio/name_pattern.h"

#include <algorithm>

#include "socketio/pattern_compiler.h"

namespace trackwire::socketio {
namespace {

constexpr char32_t kReplacement = 0xfffd;

bool IsWord(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

char32_t TakeCodePoint(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  text.remove_prefix(1);
  if (lead < 0x80) return lead;
  const size_t more = lead >= 0xf0 && lead < 0xf8 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc2 ? 1 : 0;
  if (more == 0 || lead >= 0xf8 || text.size() < more) return kReplacement;
  char32_t c = lead & (0x3fU >> more);
  for (size_t i = 0; i < more; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0U) != 0x80) return kReplacement;
    c = c << 6U | (byte & 0x3fU);
  }
  text.remove_prefix(more);
  return c;
}

struct NamePattern::Threads {
  std::vector<uint32_t> waiting;
  std::vector<uint64_t> seen;  // in which round a step was looked at last
  std::vector<uint32_t> stack;
  uint64_t round = 0;
  bool matched = false;
};

bool NamePattern::Class::Has(char32_t c) const {
  const bool in = std::any_of(ranges.begin(), ranges.end(), [c](const auto& range) {
    return range.first <= c && c <= range.second;
  });
  return in != negated;
}

Result<NamePattern> NamePattern::Parse(std::string_view pattern) {
  return PatternCompiler(pattern).Compile();
}

/// Goes through all steps that need no character; each once a round, so loops end.
void NamePattern::Follow(Threads& threads, uint32_t start, char32_t before, char32_t after,
                         bool first, bool last) const {
  const bool boundary = (!first && IsWord(before)) != (!last && IsWord(after));
  threads.stack.push_back(start);
  while (!threads.stack.empty()) {
    const uint32_t at = threads.stack.back();
    threads.stack.pop_back();
    if (std::exchange(threads.seen[at], threads.round) == threads.round) continue;
    const Step& step = steps_[at];
    const auto go_on_if = [&](bool condition) {
      if (condition) threads.stack.push_back(at + 1);
    };
    switch (step.op) {
      case Op::kClass:
        threads.waiting.push_back(at);
        break;
      case Op::kSplit:
        threads.stack.push_back(step.y);
        [[fallthrough]];
      case Op::kJump:
        threads.stack.push_back(step.x);
        break;
      case Op::kBegin:
        go_on_if(first);
        break;
      case Op::kEnd:
        go_on_if(last);
        break;
      case Op::kBoundary:
        go_on_if(boundary);
        break;
      case Op::kNoBoundary:
        go_on_if(!boundary);
        break;
      case Op::kMatch:
        threads.matched = true;
        break;
    }
  }
}

bool NamePattern::Matches(std::string_view name) const {
  Threads threads;
  threads.seen.resize(steps_.size());
  std::vector<uint32_t> fit;  // behind what took the last character
  char32_t before = 0;
  for (bool first = true;; first = false) {
    const bool last = name.empty();
    const char32_t c = last ? 0 : TakeCodePoint(name);
    ++threads.round;
    threads.waiting.clear();
    for (const uint32_t at : fit) Follow(threads, at, before, c, first, last);
    Follow(threads, 0, before, c, first, last);  // the part may begin anywhere
    if (threads.matched || last) return threads.matched;
    fit.clear();
    for (const uint32_t at : threads.waiting) {
      if (classes_[steps_[at].x].Has(c)) fit.push_back(at + 1);
    }
    before = c;
  }
}

}  // namespace trackwire::socketio
