// Random lives of sessions, against a model of who sits where.
#include <gmock/gmock.h>

#include <map>
#include <mutex>
#include <random>

#include "base/text.h"
#include "notify/audience.h"
#include "tests/notify/pipeline.h"
#include "tests/support/shared_clock.h"

namespace trackwire::notify {
namespace {

using namespace std::chrono_literals;

constexpr auto kLeeway = 30s;

struct Token {
  std::string text;
  std::string id;
  std::string user;
  bool login = false;
  WallTime issued_at{};
  WallTime expires_at{};
  bool revoked = false;
};

struct Account {
  std::string client = "\"acme\"";
  bool disabled = false;
};

/// A socket by what it must be.
struct Seat {
  std::unique_ptr<Guest> guest;
  std::optional<size_t> token;  ///< that counts; nothing: anonymous
  WallTime ends{};
};

class SessionModelTest : public ::testing::TestWithParam<unsigned> {
 protected:
  SessionModelTest() : random_(GetParam()) {
    Pipeline::Options options;
    options.clock = &clock_;
    options.checks.push_back(
        [this](auth::Identity& identity) { return CheckAccount(identity); });
    gateway_ = std::make_unique<Pipeline>(options);
  }

  std::optional<auth::TokenError> CheckAccount(auth::Identity& identity) {
    if (!identity.from_login) return std::nullopt;
    const std::lock_guard lock(mutex_);
    const Account& account = accounts_[identity.user];
    if (account.disabled) return auth::TokenError::kAccountDisabled;
    identity.clients = {account.client};
    return std::nullopt;
  }

  size_t Pick(size_t count) { return std::uniform_int_distribution<size_t>(0, count - 1)(random_); }
  std::string PickUser() { return std::string(1, static_cast<char>('a' + Pick(3))); }

  bool Counts(const Token& token) {
    const std::lock_guard lock(mutex_);
    return !token.revoked && !(token.login && accounts_[token.user].disabled);
  }
  bool Accepted(const Token& token) {
    return Counts(token) && token.expires_at + kLeeway > clock_.WallNow();
  }
  void Seated(Seat& seat, size_t token) {
    seat.token = token;
    const WallTime exp = tokens_[token].expires_at;
    seat.ends = exp > clock_.WallNow() ? exp : exp + kLeeway;
  }
  /// What follows for the model from the time and from what was revoked.
  void Settle() {
    for (Seat& seat : seats_) {
      if (!seat.token) continue;
      if (!Counts(tokens_[*seat.token]) || seat.ends <= clock_.WallNow()) seat.token.reset();
    }
  }

  void MakeToken() {
    clock_.Advance(1ms);
    Token token;
    token.user = PickUser();
    token.login = Pick(2) == 0;
    const auto lifetime = std::chrono::seconds(1 + Pick(100));
    token.text = gateway_->Token(token.user, {}, {"\"acme\""}, lifetime, token.login);
    token.issued_at = clock_.WallNow();
    token.expires_at = std::chrono::floor<std::chrono::seconds>(clock_.WallNow() + lifetime);
    // The claims are the middle part.
    const std::string claims =
        *base::Base64UrlDecode(std::string_view(token.text).substr(
            token.text.find('.') + 1, token.text.rfind('.') - token.text.find('.') - 1));
    token.id = base::DecodeJsonString(base::FindMember(*base::ScanJson(claims), "jti")->text);
    tokens_.push_back(std::move(token));
  }
  void Connect() {
    const size_t token = Pick(tokens_.size());
    const bool shows = Pick(4) > 0;
    Seat seat;
    const bool in = shows && Accepted(tokens_[token]);
    seat.guest = std::make_unique<Guest>(gateway_->port(), shows ? tokens_[token].text : "");
    ASSERT_THAT(seat.guest->Next(), ::testing::StartsWith("session"));
    if (in) Seated(seat, token);
    seats_.push_back(std::move(seat));
  }
  void Leave() {
    if (seats_.empty()) return;
    const size_t which = Pick(seats_.size());
    seats_[which].guest->Cut();
    seats_.erase(seats_.begin() + static_cast<std::ptrdiff_t>(which));
  }
  void Authenticate() {
    if (seats_.empty()) return;
    Seat& seat = seats_[Pick(seats_.size())];
    const size_t token = Pick(tokens_.size());
    const bool in = Accepted(tokens_[token]);
    seat.guest->Authenticate(tokens_[token].text);
    std::string answer;
    do {
      answer = seat.guest->Next();
    } while (!answer.starts_with("431"));
    ASSERT_EQ(answer.starts_with("431[{\"session\""), in) << answer;
    if (in) Seated(seat, token);
  }
  void Revoke() {
    const auto revoke = [&](const std::function<void(auth::Revocations::Done)>& call) {
      ASSERT_TRUE(test::Await<bool>([&](auto done) {
        call([done](Result<void> kept) { done(kept.has_value()); });
      }));
    };
    if (Pick(3) > 0) {
      Token& token = tokens_[Pick(tokens_.size())];
      token.revoked = true;
      return revoke([&](auto done) {
        gateway_->revocations().RevokeToken(token.id, token.expires_at, done);
      });
    }
    clock_.Advance(1ms);
    const std::string user = PickUser();
    for (Token& token : tokens_) token.revoked = token.revoked || token.user == user;
    revoke([&](auto done) { gateway_->revocations().RevokeUser(user, done); });
  }
  void ChangeAccount() {
    {
      const std::lock_guard lock(mutex_);
      Account& account = accounts_[PickUser()];
      account.disabled = Pick(3) == 0;
      account.client = Pick(2) == 0 ? "\"acme\"" : "7";
    }
    gateway_->keeper().AccountsChanged();
  }

  /// What the server has of each socket, as text.
  std::map<std::string, std::string> Actual() {
    std::map<std::string, std::string> out;
    for (net::Shard* shard : gateway_->shards().shards()) {
      shard->Run([&] {
        for (const socketio::SocketRef& ref : gateway_->nsp().Sockets(*shard)) {
          const socketio::Socket* socket = gateway_->nsp().Find(*shard, ref);
          const UserSession& session = SessionOf(*socket);
          std::vector<std::string> rooms = socket->Rooms();
          std::sort(rooms.begin(), rooms.end());
          std::string text = session.identity().token_id;
          for (const std::string& client : session.identity().clients) text += " " + client;
          const std::vector<std::string> expected =
              RoomsOf(session.identity(), session.view, session.selection.get());
          if (rooms != expected) text += " wrong rooms";
          out[socket->sid()] = text;
        }
      });
    }
    return out;
  }
  std::map<std::string, std::string> Expected() {
    std::map<std::string, std::string> out;
    for (const Seat& seat : seats_) {
      std::string text;
      if (seat.token) {
        const Token& token = tokens_[*seat.token];
        const std::lock_guard lock(mutex_);
        text = token.id + " " + (token.login ? accounts_[token.user].client : "\"acme\"");
      }
      out[seat.guest->sid()] = text;
    }
    return out;
  }
  /// What those who list sessions see.
  std::map<std::string, std::string> Recorded() {
    using Listed = std::shared_ptr<Result<SessionList>>;
    const auto list = test::Await<Listed>([&](auto done) {
      gateway_->directory().List("", 1'000, [done](Result<SessionList> sessions) {
        done(std::make_shared<Result<SessionList>>(std::move(sessions)));
      });
    });
    std::map<std::string, std::string> out;
    if (!*list) return out;
    for (const SessionInfo& info : (*list)->sessions) {
      if (info.away) continue;
      std::string text = info.identity.token_id;
      for (const std::string& client : info.identity.clients) text += " " + client;
      out[info.sid] = text;
    }
    return out;
  }

  std::mt19937 random_;
  test::SharedClock clock_;
  std::mutex mutex_;  // guards the accounts, which shards ask for
  std::map<std::string, Account> accounts_;
  std::vector<Token> tokens_;
  std::vector<Seat> seats_;
  std::unique_ptr<Pipeline> gateway_;
};

TEST_P(SessionModelTest, ASocketIsAlwaysWhoItsTokenSays) {
  MakeToken();
  for (int step = 0; step < 120; ++step) {
    switch (Pick(12)) {
      case 0:
      case 1:
        MakeToken();
        break;
      case 2:
      case 3:
      case 4:
        if (seats_.size() < 12) Connect();
        break;
      case 5:
        Leave();
        break;
      case 6:
      case 7:
      case 8:
        Authenticate();
        break;
      case 9:
        Revoke();
        break;
      case 10:
        ChangeAccount();
        break;
      default:
        clock_.Advance(std::chrono::seconds(Pick(30)));
    }
    Settle();
    ASSERT_TRUE(test::Until([&] { return Actual() == Expected(); }))
        << "step " << step << ": " << ::testing::PrintToString(Actual()) << " is not "
        << ::testing::PrintToString(Expected());
  }
  EXPECT_TRUE(test::Until([&] { return Recorded() == Expected(); }));
}

INSTANTIATE_TEST_SUITE_P(Seeds, SessionModelTest, ::testing::Values(1u, 2u, 3u, 4u));

}  // namespace
}  // namespace trackwire::notify
