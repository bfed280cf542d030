#include "auth/public_key.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <fstream>

#include "base/text.h"
#include "tests/auth/signer.h"
#include "tests/support/temp_dir.h"

namespace trackwire::auth {
namespace {

using testing::Signer;

const std::vector<Algorithm>& All() {
  static const std::vector<Algorithm> all = [] {
    std::vector<Algorithm> out;
    for (size_t i = 0; i < kAlgorithmCount; ++i) out.push_back(static_cast<Algorithm>(i));
    return out;
  }();
  return all;
}

std::string Decode(std::string_view text) {
  const auto bytes = base::Base64UrlDecode(text);
  EXPECT_TRUE(bytes) << text;
  return bytes.value_or("");
}

std::shared_ptr<const PublicKey> Made(Result<std::shared_ptr<const PublicKey>> key) {
  EXPECT_TRUE(key) << key.error().detail;
  return key ? *key : nullptr;
}

std::string CodeOf(const Result<std::shared_ptr<const PublicKey>>& key) {
  return key ? "accepted" : key.error().code;
}

// The examples of the specifications: keys, tokens and signatures are given there as text.
constexpr const char* kJoe =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    "fQ";

TEST(PublicKeyTest, VerifiesTheRsaExampleOfTheSpecification) {  // RFC 7515, appendix A.2
  const auto key = Made(PublicKey::FromRsa(
      Decode("ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPME"
             "zP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf"
             "63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5Z"
             "wKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FR"
             "WyuXpoQ"),
      Decode("AQAB"), All()));
  const std::string signature = Decode(
      "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp"
      "5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHl"
      "b1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9Q"
      "OYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw");
  EXPECT_TRUE(
      key->Verify(Algorithm::kRs256, std::string("eyJhbGciOiJSUzI1NiJ9.") + kJoe, signature));
}

TEST(PublicKeyTest, VerifiesTheCurveExamplesOfTheSpecification) {  // RFC 7515, A.3 and A.4
  const auto p256 = Made(
      PublicKey::FromCurve(KeyKind::kP256, Decode("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
                           Decode("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"), All()));
  EXPECT_TRUE(p256->Verify(Algorithm::kEs256, std::string("eyJhbGciOiJFUzI1NiJ9.") + kJoe,
                           Decode("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA"
                                  "pmWQxfKTUJqPP3-Kg6NU1Q")));
  const auto p521 = Made(PublicKey::FromCurve(
      KeyKind::kP521,
      Decode("AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceq"
             "wQGk"),
      Decode("ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3k"
             "yMj2"),
      All()));
  EXPECT_TRUE(p521->Verify(Algorithm::kEs512, "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA",
                           Decode("AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZq"
                                  "wqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8Kp"
                                  "EHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn")));
}

TEST(PublicKeyTest, VerifiesTheEd25519ExampleOfTheSpecification) {  // RFC 8037, appendix A.4
  const auto key =
      Made(PublicKey::FromEd25519(Decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"), All()));
  EXPECT_TRUE(key->Verify(Algorithm::kEdDsa,
                          "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
                          Decode("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5Bh"
                                 "VsPt9g7sVvpAr_MuM0KAg")));
}

class EachAlgorithmTest : public ::testing::TestWithParam<Algorithm> {
 protected:
  const Signer& signer_ = Signer::Of(KindOf(GetParam()));
  std::shared_ptr<const PublicKey> key_ =
      Made(PublicKey::FromPem(signer_.PublicPem(), {GetParam()}));
};

TEST_P(EachAlgorithmTest, VerifiesWhatWasSignedAndNothingElse) {
  const std::string signature = signer_.Sign(GetParam(), "what was said");
  EXPECT_TRUE(key_->Verify(GetParam(), "what was said", signature));
  EXPECT_FALSE(key_->Verify(GetParam(), "what was saie", signature));
  EXPECT_FALSE(key_->Verify(GetParam(), "", signature));
  for (size_t i = 0; i < signature.size(); ++i) {
    std::string changed = signature;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(key_->Verify(GetParam(), "what was said", changed)) << i;
  }
}

TEST_P(EachAlgorithmTest, RefusesSignaturesOfAnotherLength) {
  const std::string signature = signer_.Sign(GetParam(), "text");
  for (size_t size = 0; size < signature.size(); ++size) {
    EXPECT_FALSE(key_->Verify(GetParam(), "text", signature.substr(0, size))) << size;
  }
  EXPECT_FALSE(key_->Verify(GetParam(), "text", signature + std::string(1, '\0')));
  EXPECT_FALSE(key_->Verify(GetParam(), "text", std::string(1, '\0') + signature));
  EXPECT_FALSE(key_->Verify(GetParam(), "text", std::string(signature.size(), '\0')));
}

TEST_P(EachAlgorithmTest, ServesNoOtherAlgorithm) {
  for (const Algorithm other : All()) {
    if (other == GetParam()) continue;
    EXPECT_FALSE(key_->Allows(other));
    if (KindOf(other) != key_->kind()) continue;
    EXPECT_FALSE(key_->Verify(other, "text", signer_.Sign(other, "text"))) << ToString(other);
  }
}

INSTANTIATE_TEST_SUITE_P(Asymmetric, EachAlgorithmTest,
                         ::testing::Values(Algorithm::kRs256, Algorithm::kRs384, Algorithm::kRs512,
                                           Algorithm::kPs256, Algorithm::kPs384, Algorithm::kPs512,
                                           Algorithm::kEs256, Algorithm::kEs384, Algorithm::kEs512,
                                           Algorithm::kEdDsa),
                         [](const auto& test) { return ToString(test.param); });

TEST(PublicKeyTest, TakesNoSignatureOfWrappedNumbers) {
  // The form that other protocols use for ECDSA.
  const Signer& signer = Signer::Of(KeyKind::kP256);
  const auto key = Made(PublicKey::FromPem(signer.PublicPem(), All()));
  const std::string raw = signer.Sign(Algorithm::kEs256, "text");
  const Openssl<ECDSA_SIG> numbers(ECDSA_SIG_new());
  ECDSA_SIG_set0(numbers.get(), BN_bin2bn(Bytes(raw), 32, nullptr),
                 BN_bin2bn(Bytes(raw) + 32, 32, nullptr));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(numbers.get(), &der);
  ASSERT_GT(size, 64);
  EXPECT_FALSE(key->Verify(Algorithm::kEs256, "text",
                           {reinterpret_cast<char*>(der), static_cast<size_t>(size)}));
  OPENSSL_free(der);
}

TEST(PublicKeyTest, IsBoundToTheAcceptedAlgorithmsOfItsKind) {
  const auto rsa = Made(PublicKey::FromPem(Signer::Of(KeyKind::kRsa).PublicPem(), All()));
  EXPECT_EQ(rsa->algorithms().size(), 6u);
  EXPECT_FALSE(rsa->Allows(Algorithm::kHs256));
  EXPECT_FALSE(rsa->Allows(Algorithm::kEs256));
  const auto usual =
      Made(PublicKey::FromPem(Signer::Of(KeyKind::kRsa).PublicPem(), DefaultAlgorithms()));
  EXPECT_EQ(usual->algorithms(), std::vector<Algorithm>{Algorithm::kRs256});
  const auto curve = Made(PublicKey::FromPem(Signer::Of(KeyKind::kP384).PublicPem(), All()));
  EXPECT_EQ(curve->algorithms(), std::vector<Algorithm>{Algorithm::kEs384});
  EXPECT_EQ(CodeOf(PublicKey::FromPem(Signer::Of(KeyKind::kP256).PublicPem(),
                                      {Algorithm::kHs256, Algorithm::kEs384})),
            "no_algorithm");
}

TEST(PublicKeyTest, ReadsCertificates) {
  const Signer& signer = Signer::Of(KeyKind::kP256);
  const auto key = Made(PublicKey::FromPem(signer.CertificatePem(), All()));
  EXPECT_TRUE(key->Verify(Algorithm::kEs256, "text", signer.Sign(Algorithm::kEs256, "text")));
}

TEST(PublicKeyTest, RefusesWeakKeys) {
  EXPECT_EQ(CodeOf(PublicKey::FromPem(Signer::Rsa(1'024).PublicPem(), All())), "weak_key");
  EXPECT_EQ(CodeOf(PublicKey::FromPem(Signer::Rsa(2'040).PublicPem(), All())), "weak_key");
  const std::string modulus = Signer::Of(KeyKind::kRsa).Modulus();
  using std::string_literals::operator""s;
  for (const std::string& exponent : {"\x01"s, "\x02"s, "\x01\x00\x00"s, "\x01\x00\x00\x00\x01"s}) {
    EXPECT_EQ(CodeOf(PublicKey::FromRsa(modulus, exponent, All())), "weak_key");
  }
  EXPECT_EQ(CodeOf(PublicKey::FromRsa(modulus, "", All())), "weak_key");
  EXPECT_EQ(CodeOf(PublicKey::FromRsa("", "\x03", All())), "weak_key");
  EXPECT_EQ(CodeOf(PublicKey::FromRsa(std::string(1'100, '\xff'), "\x03", All())), "weak_key");
}

TEST(PublicKeyTest, RefusesOtherCurves) {
  for (const char* group : {"secp256k1", "brainpoolP256r1", "P-224"}) {
    EXPECT_EQ(CodeOf(PublicKey::FromPem(Signer::Curve(group).PublicPem(), All())), "bad_key")
        << group;
  }
}

TEST(PublicKeyTest, RefusesPointsBesideTheCurve) {
  const std::string x = Decode("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
  std::string y = Decode("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
  EXPECT_EQ(CodeOf(PublicKey::FromCurve(KeyKind::kP256, x, y, All())), "accepted");
  y.back() = static_cast<char>(y.back() ^ 1);
  EXPECT_EQ(CodeOf(PublicKey::FromCurve(KeyKind::kP256, x, y, All())), "bad_key");
  const std::string zero(32, '\0');
  EXPECT_EQ(CodeOf(PublicKey::FromCurve(KeyKind::kP256, zero, zero, All())), "bad_key");
  EXPECT_EQ(CodeOf(PublicKey::FromCurve(KeyKind::kP256, x.substr(1), y, All())), "bad_key");
  EXPECT_EQ(CodeOf(PublicKey::FromCurve(KeyKind::kP384, x, y, All())), "bad_key");
  EXPECT_EQ(CodeOf(PublicKey::FromEd25519(zero + "x", All())), "bad_key");
}

TEST(PublicKeyTest, RefusesFilesThatHoldSomethingElse) {
  const Signer& signer = Signer::Of(KeyKind::kP256);
  EXPECT_EQ(CodeOf(PublicKey::FromPem("", All())), "bad_key");
  EXPECT_EQ(CodeOf(PublicKey::FromPem("no key", All())), "bad_key");
  EXPECT_EQ(CodeOf(PublicKey::FromPem(signer.PrivatePem(), All())), "bad_key");
  EXPECT_EQ(CodeOf(PublicKey::FromPem(signer.PublicPem() + signer.PublicPem(), All())), "bad_key");
  EXPECT_EQ(CodeOf(PublicKey::FromPem(std::string(100'000, 'x'), All())), "bad_key");
  EXPECT_EQ(CodeOf(PublicKey::FromPem(
                "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", All())),
            "bad_key");
  EXPECT_EQ(CodeOf(PublicKey::FromPem(
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", All())),
            "bad_key");
  EXPECT_TRUE(LooksLikePem(" \n" + signer.PublicPem()));
  EXPECT_FALSE(LooksLikePem("----- a secret with lines"));
}

TEST(PublicKeyTest, NamesTheFileInItsComplaints) {
  const test::TempDir directory;
  const std::string path = directory.File("key.pem");
  auto missing = LoadPublicKey(path, All());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, "key_unreadable");
  std::ofstream(path) << Signer::Of(KeyKind::kRsa).PrivatePem();
  auto secret = LoadPublicKey(path, All());
  ASSERT_FALSE(secret);
  EXPECT_NE(secret.error().detail.find(path), std::string::npos);
  EXPECT_NE(secret.error().detail.find("private"), std::string::npos);
  std::ofstream(path) << Signer::Of(KeyKind::kRsa).PublicPem();
  EXPECT_TRUE(LoadPublicKey(path, All()));
}

}  // namespace
}  // namespace trackwire::auth
