#include <algorithm>
#include <iterator>
#include <utility>

#include "broker/redis/redis_sessions.h"
#include "broker/redis/session_scripts.h"

namespace trackwire::broker {
namespace {

using std::chrono::milliseconds;

constexpr size_t kTouchesAtOnce = 500;
constexpr size_t kSweptAtOnce = 200;
constexpr auto kEndedLife = std::chrono::hours(24);

Result<SessionRecord, TakeOverError> ToRecord(const std::string& key, const std::string& proof,
                                              const RespValue* answer) {
  if (answer == nullptr) return Err(TakeOverError::kUnavailable);
  if (answer->is_string()) {
    return Err(answer->text == "refused" ? TakeOverError::kRefused : TakeOverError::kUnknown);
  }
  if (!answer->is_array() || answer->items.size() != 2) return Err(TakeOverError::kUnavailable);
  return SessionRecord{key, proof, answer->items[0].text, answer->items[1].text};
}

SessionEntry ToEntry(const RespValue& row) {
  return {{row.items[0].text, {}, row.items[1].text, row.items[2].text},
          row.items[3].text == "live"};
}

Error NoAnswer(const RespValue* answer) {
  return {"unavailable", answer == nullptr ? "Redis did not answer" : answer->text};
}

/// The rows of ReadSessions(), or what went wrong.
Result<std::vector<SessionEntry>> ToEntries(const RespValue* answer) {
  if (answer == nullptr || !answer->is_array()) return Err(NoAnswer(answer));
  std::vector<SessionEntry> entries;
  for (const RespValue& row : answer->items) {
    if (row.items.size() == 4) entries.push_back(ToEntry(row));
  }
  return entries;
}

std::vector<std::string> TextsOf(const RespValue& answer) {
  std::vector<std::string> texts;
  for (const RespValue& item : answer.items) texts.push_back(item.text);
  return texts;
}

}  // namespace

/// One Touch(), cut into scripts that do not keep Redis for long.
struct RedisSessions::Touching {
  SessionStore::KeysDone lost_done;
  SessionStore::KeysDone missing_done;
  std::vector<std::string> lost;
  std::vector<std::string> missing;
  size_t under_way = 0;

  void Finish() {
    if (missing_done) {
      missing_done(std::move(missing));
    } else {
      std::move(missing.begin(), missing.end(), std::back_inserter(lost));
    }
    if (lost_done) lost_done(std::move(lost));
  }
};

void RedisSessions::Save(SessionRecord record) {
  const auto life = milliseconds(context_.options.session_lifetime).count();
  Call call;
  call.script = &scripts::SaveSession();
  call.key = std::move(record.key);
  call.owner = record.owner;
  call.arguments = {std::move(record.proof), std::move(record.owner), std::move(record.value),
                    std::to_string(life), call.key};
  const auto last = last_of_.find(call.key);
  if (last != last_of_.end() && !calls_.empty() && last->second >= calls_.front().number) {
    const size_t place = last->second - calls_.front().number;
    Call& before = calls_[place];
    if (place >= under_way_ && !before.answer && !before.owner.empty() &&
        before.owner == call.owner) {
      before.arguments = std::move(call.arguments);
      return;
    }
  }
  Add(std::move(call));
}

void RedisSessions::Expire(const std::string& key, const std::string& owner, milliseconds ttl) {
  Call call;
  call.script = &scripts::ExpireSession();
  call.key = key;
  call.arguments = {owner, std::to_string(ttl.count())};
  Add(std::move(call));
}

void RedisSessions::Remove(const std::string& key, const std::string& owner) {
  Call call;
  call.script = &scripts::RemoveSession();
  call.key = key;
  call.arguments = {owner, key};
  Add(std::move(call));
}

void RedisSessions::TakeOver(const std::string& key, const std::string& proof,
                             const std::string& new_owner, SessionStore::TakeOverDone done) {
  const auto life = milliseconds(context_.options.session_lifetime).count();
  Call call;
  call.script = &scripts::TakeOverSession();
  call.key = key;
  call.arguments = {proof, new_owner, std::to_string(life), RandomName(), key};
  Ask(std::move(call), [key, proof, answer_to = std::move(done)](const RespValue* answer) {
    answer_to(ToRecord(key, proof, answer));
  });
}

void RedisSessions::End(const std::string& key, SessionStore::EndDone done) {
  Call call;
  call.script = &scripts::EndSession();
  call.key = key;
  call.arguments = {RandomName(), std::to_string(milliseconds(kEndedLife).count()), key};
  Ask(std::move(call), [key, answer_to = std::move(done)](const RespValue* answer) {
    if (!answer_to) return;
    if (answer == nullptr || !answer->is_array() || answer->items.size() != 2) {
      return answer_to(std::nullopt);
    }
    answer_to(SessionRecord{key, {}, answer->items[0].text, answer->items[1].text});
  });
}

void RedisSessions::List(const std::string& after, size_t max, SessionStore::ListDone done) {
  max = std::clamp<size_t>(max, 1, SessionStore::kMaxPage);
  Call call;
  call.script = &scripts::NextSessionKeys();
  call.arguments = {after, std::to_string(max)};
  Ask(std::move(call), [this, max, answer_to = std::move(done)](const RespValue* answer) {
    if (answer == nullptr || !answer->is_array()) return answer_to(Err(NoAnswer(answer)));
    if (answer->items.empty()) return answer_to(SessionPage{});
    ReadPage(TextsOf(*answer), max, answer_to);
  });
}

void RedisSessions::ReadPage(std::vector<std::string> keys, size_t asked,
                             const SessionStore::ListDone& done) {
  const std::string next = keys.size() < asked ? std::string() : keys.back();
  Call call;
  call.script = &scripts::ReadSessions();
  call.arguments = keys;
  call.many = std::move(keys);
  Ask(std::move(call), [next, done](const RespValue* answer) {
    auto entries = ToEntries(answer);
    if (!entries) return done(Err(std::move(entries.error())));
    done(SessionPage{std::move(*entries), next});
  });
}

void RedisSessions::Find(const std::string& key, SessionStore::FindDone done) {
  Call call;
  call.script = &scripts::ReadSessions();
  call.arguments = {key};
  call.many = {key};
  Ask(std::move(call), [answer_to = std::move(done)](const RespValue* answer) {
    auto entries = ToEntries(answer);
    if (!entries) return answer_to(Err(std::move(entries.error())));
    if (entries->empty()) return answer_to(std::optional<SessionEntry>());
    answer_to(std::optional<SessionEntry>(std::move(entries->front())));
  });
}

void RedisSessions::Touch(const std::vector<SessionTouch>& touches, SessionStore::KeysDone lost,
                          SessionStore::KeysDone missing) {
  auto all = std::make_shared<Touching>();
  all->lost_done = std::move(lost);
  all->missing_done = std::move(missing);
  all->under_way = (touches.size() + kTouchesAtOnce - 1) / kTouchesAtOnce;
  if (touches.empty()) return all->Finish();
  for (size_t from = 0; from < touches.size(); from += kTouchesAtOnce) {
    TouchSome(touches, from, std::min(touches.size(), from + kTouchesAtOnce), all);
  }
}

void RedisSessions::TouchSome(const std::vector<SessionTouch>& touches, size_t from, size_t to,
                              const std::shared_ptr<Touching>& all) {
  Call call;
  call.script = &scripts::TouchSessions();
  call.arguments = {std::to_string(milliseconds(context_.options.session_lifetime).count())};
  std::vector<std::string> keys;
  for (size_t i = from; i < to; ++i) {
    keys.push_back(touches[i].key);
    call.arguments.push_back(touches[i].key);
    call.arguments.push_back(touches[i].owner);
  }
  call.many = keys;
  Ask(std::move(call), [all, names = std::move(keys)](const RespValue* answer) {
    const bool told = answer != nullptr && answer->is_string() && answer->text.size() == names.size();
    for (size_t i = 0; told && i < names.size(); ++i) {
      if (answer->text[i] == 'l') all->lost.push_back(names[i]);
      if (answer->text[i] == 'm') all->missing.push_back(names[i]);
    }
    if (--all->under_way == 0) all->Finish();
  });
}

void RedisSessions::Sweep() {
  if (sweeping_ || !context_.client.up()) return;
  sweeping_ = true;
  Call call;
  call.script = &scripts::NextSessionKeys();
  call.arguments = {swept_through_, std::to_string(kSweptAtOnce)};
  Ask(std::move(call), [this](const RespValue* answer) {
    sweeping_ = false;
    if (answer == nullptr || !answer->is_array()) return;
    std::vector<std::string> keys = TextsOf(*answer);
    swept_through_ = keys.size() < kSweptAtOnce ? std::string() : keys.back();
    if (keys.empty()) return;
    Call sweep;
    sweep.script = &scripts::SweepSessions();
    sweep.arguments = keys;
    sweep.many = std::move(keys);
    Add(std::move(sweep));
  });
}

}  // namespace trackwire::broker
