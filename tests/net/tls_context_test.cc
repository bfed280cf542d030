#include "net/tls_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "net/tls_engine.h"
#include "net/tls_generation.h"
#include "tests/support/certificate.h"
#include "tests/support/temp_dir.h"

namespace trackwire::net {
namespace {

using test::CertificateOptions;
using test::TempDir;
using test::WriteCertificate;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

class TlsContextTest : public ::testing::Test {
 protected:
  void Write(const CertificateOptions& options = {}) {
    WriteCertificate(files_.certificate, files_.key, options);
    // As a careful person leaves it.
    std::filesystem::permissions(files_.key, std::filesystem::perms::owner_read |
                                                 std::filesystem::perms::owner_write);
  }
  static void Put(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::trunc) << text;
  }
  std::string ErrorOfLoad() {
    auto loaded = TlsContext::Load(files_);
    EXPECT_FALSE(loaded);
    return loaded ? std::string() : loaded.error().detail;
  }

  TempDir directory_;
  TlsFiles files_{directory_.File("certificate.pem"), directory_.File("key.pem")};
};

TEST_F(TlsContextTest, TellsWhatTheCertificateSays) {
  Write({.common_name = "gateway.example", .valid_until_s = 100 * 24 * 3600});
  auto context = TlsContext::Load(files_);
  ASSERT_TRUE(context) << context.error().detail;
  const TlsCertificateInfo info = (*context)->certificate();
  EXPECT_EQ(info.subject, "CN=gateway.example");
  EXPECT_EQ(info.names, "DNS:localhost, IP Address:127.0.0.1");
  EXPECT_EQ(info.fingerprint.size(), 64u);
  EXPECT_LT(info.not_before, Clock::System().WallNow());
  EXPECT_GT(info.not_after, Clock::System().WallNow() + 99 * 24h);
  EXPECT_THAT((*context)->Warnings(), IsEmpty());
}

TEST_F(TlsContextTest, SaysWhichFileIsMissing) {
  EXPECT_THAT(ErrorOfLoad(), HasSubstr("certificate.pem: No such file"));
  Write();
  std::filesystem::remove(files_.key);
  EXPECT_THAT(ErrorOfLoad(), HasSubstr("key.pem: No such file"));
  std::filesystem::create_directory(files_.key);
  EXPECT_THAT(ErrorOfLoad(), HasSubstr("cannot read the key"));
}

TEST_F(TlsContextTest, SaysWhatIsNoPem) {
  Write();
  Put(files_.key, "not a key\n");
  EXPECT_THAT(ErrorOfLoad(), HasSubstr("key.pem holds no private key in PEM form"));
  Put(files_.certificate, "");
  EXPECT_THAT(ErrorOfLoad(), HasSubstr("certificate.pem holds no certificate in PEM form"));
  Write();
  std::ofstream(files_.certificate, std::ios::app)
      << "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n";
  EXPECT_THAT(ErrorOfLoad(), HasSubstr("certificate that is not valid PEM"));
  Put(files_.certificate, std::string(2'000'000, 'x'));
  EXPECT_THAT(ErrorOfLoad(), HasSubstr("too large"));
}

TEST_F(TlsContextTest, SaysThatTheKeyIsAnothers) {
  Write();
  WriteCertificate(directory_.File("other.pem"), files_.key);
  EXPECT_THAT(ErrorOfLoad(), HasSubstr("is not that of the first certificate"));
}

TEST_F(TlsContextTest, AsksNobodyForAPassphrase) {
  Write({.passphrase = "open sesame"});
  EXPECT_THAT(ErrorOfLoad(), HasSubstr("is behind a passphrase"));
}

TEST_F(TlsContextTest, RefusesAKeyThatIsTooShort) {
  Write({.rsa_bits = 1024});
  EXPECT_THAT(ErrorOfLoad(), HasSubstr("ee key too small"));
}

TEST_F(TlsContextTest, WarnsOfTheTimeAndOfRights) {
  struct Case {
    long from_s;
    long until_s;
    const char* warning;
  };
  for (const Case& c : {Case{-7200, -3600, "has expired at"}, Case{-3600, 3600, "expires soon"},
                        Case{3600, 100 * 24 * 3600, "is not valid before"}}) {
    Write({.valid_from_s = c.from_s, .valid_until_s = c.until_s});
    auto context = TlsContext::Load(files_);
    ASSERT_TRUE(context);
    EXPECT_THAT((*context)->Warnings(), ElementsAre(HasSubstr(c.warning)));
  }
  Write({.valid_until_s = 100 * 24 * 3600});
  auto context = TlsContext::Load(files_);
  ASSERT_TRUE(context);
  std::filesystem::permissions(files_.key, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  EXPECT_THAT((*context)->Warnings(), ElementsAre(HasSubstr("everybody on this machine")));
}

TEST_F(TlsContextTest, ReloadsWhatHasChanged) {
  Write({.common_name = "old"});
  auto context = TlsContext::Load(files_);
  ASSERT_TRUE(context);
  const auto before = (*context)->current();
  auto changed = (*context)->Reload();
  ASSERT_TRUE(changed);
  EXPECT_FALSE(*changed) << "the same files";
  EXPECT_EQ((*context)->current(), before) << "so tickets count on";

  Write({.common_name = "new"});
  changed = (*context)->Reload();
  ASSERT_TRUE(changed);
  EXPECT_TRUE(*changed);
  EXPECT_EQ((*context)->certificate().subject, "CN=new");
  EXPECT_EQ(before->info.subject, "CN=old") << "for those that have it";
}

TEST_F(TlsContextTest, KeepsTheOldOneWhenTheNewIsBroken) {
  Write({.common_name = "old"});
  auto context = TlsContext::Load(files_);
  ASSERT_TRUE(context);
  Put(files_.key, "half writ");
  auto changed = (*context)->Reload();
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, "tls_key");
  EXPECT_EQ((*context)->certificate().subject, "CN=old");
}

TEST_F(TlsContextTest, AnEngineWaitsForAWholeRecord) {
  Write();
  auto context = TlsContext::Load(files_);
  ASSERT_TRUE(context);
  std::string answer;
  char plain[1024];
  TlsEngine engine(*context);
  EXPECT_EQ(engine.state(), TlsEngine::State::kFresh);
  EXPECT_EQ(engine.Receive("\x16", plain, answer), 0u);
  EXPECT_EQ(engine.state(), TlsEngine::State::kHandshake);
  EXPECT_EQ(engine.unfinished(), 1u);
  EXPECT_EQ(engine.TakeUnfinished(plain), 1u);
  const std::string_view record("\x16\x03\x01\x00\x04\xff\xff\xff\xff", 9);
  EXPECT_EQ(engine.Receive(record, plain, answer), 0u);
  EXPECT_EQ(engine.state(), TlsEngine::State::kFailed) << "no handshake begins so";
  EXPECT_EQ(engine.failure(), TlsFailure::kProtocol);
  EXPECT_EQ(answer.substr(0, 2), "\x15\x03") << "an alert";
  EXPECT_FALSE(engine.Send("x", answer));

  TlsEngine plain_http(*context);
  EXPECT_EQ(plain_http.Receive("G", plain, answer), 0u);
  EXPECT_EQ(plain_http.failure(), TlsFailure::kPlainHttp);
}

/// A client between bytes and bytes, for engines without a server.
class MemoryClient {
 public:
  explicit MemoryClient(SSL_SESSION* session)
      : context_(SSL_CTX_new(TLS_client_method())), ssl_(SSL_new(context_.get())) {
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    if (session != nullptr) SSL_set_session(ssl_.get(), session);
    SSL_set_connect_state(ssl_.get());
  }
  // Sessions of connections that end without a word may not be taken up.
  ~MemoryClient() { SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN); }
  /// Speaks until both are done.
  void Meet(TlsEngine& engine) {
    std::string answer;
    for (int i = 0; i < 4; ++i) {
      char byte = 0;
      size_t got = 0;
      SSL_read_ex(ssl_.get(), &byte, 1, &got);
      char* sent = nullptr;
      const long size = BIO_get_mem_data(SSL_get_wbio(ssl_.get()), &sent);
      std::string plain(static_cast<size_t>(size) + 1, '\0');
      answer.clear();
      engine.Receive({sent, static_cast<size_t>(size)}, plain.data(), answer);
      BIO_reset(SSL_get_wbio(ssl_.get()));
      BIO_write(SSL_get_rbio(ssl_.get()), answer.data(), static_cast<int>(answer.size()));
    }
  }
  std::unique_ptr<SSL_SESSION, void (*)(SSL_SESSION*)> session() {
    return {SSL_get1_session(ssl_.get()), &SSL_SESSION_free};
  }

 private:
  TlsHandle<SSL_CTX> context_;
  TlsHandle<SSL> ssl_;
};

class TlsTicketsTest : public TlsContextTest {
 protected:
  TlsTicketsTest() {
    Write();
    auto context = TlsContext::Load(files_, clock_);
    EXPECT_TRUE(context);
    context_ = *context;
  }
  /// Whether a client that comes with `session` is spared the handshake. Leaves what it got.
  bool Resumes(std::unique_ptr<SSL_SESSION, void (*)(SSL_SESSION*)>& session) {
    TlsEngine engine(context_);
    MemoryClient client(session.get());
    client.Meet(engine);
    EXPECT_TRUE(engine.open());
    session = client.session();
    return engine.resumed();
  }

  ManualClock clock_;
  std::shared_ptr<TlsContext> context_;
  std::unique_ptr<SSL_SESSION, void (*)(SSL_SESSION*)> session_{nullptr, &SSL_SESSION_free};
};

TEST_F(TlsTicketsTest, SpareTheHandshakeForAWhile) {
  EXPECT_FALSE(Resumes(session_));
  EXPECT_TRUE(Resumes(session_));
  clock_.Advance(TlsTickets::kPeriod + 1min);
  EXPECT_TRUE(Resumes(session_)) << "the former key still opens";
  clock_.Advance(TlsTickets::kPeriod + 1min);
  EXPECT_TRUE(Resumes(session_)) << "and the ticket was renewed with it";
  clock_.Advance(2 * TlsTickets::kPeriod + 1min);
  EXPECT_FALSE(Resumes(session_));
}

TEST_F(TlsTicketsTest, CountNoMoreWithAnotherCertificate) {
  EXPECT_FALSE(Resumes(session_));
  EXPECT_TRUE(Resumes(session_));
  Write({.common_name = "new"});
  ASSERT_TRUE(context_->Reload());
  EXPECT_FALSE(Resumes(session_));
  EXPECT_TRUE(Resumes(session_));
}

}  // namespace
}  // namespace trackwire::net
