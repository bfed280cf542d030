#include "auth/secret_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "tests/support/temp_dir.h"

namespace trackwire::auth {
namespace {

TEST(SecretFileTest, MakesASecretThatOnlyItsOwnerReads) {
  const test::TempDir directory;
  const std::string path = directory.File("trackwire.secret");
  const auto secret = LoadOrCreateSecret(path);
  ASSERT_TRUE(secret) << secret.error().detail;
  EXPECT_GE(secret->size(), 43u);
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  const auto again = LoadOrCreateSecret(path);
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, *secret);
}

TEST(SecretFileTest, GivesAllWhoComeAtOnceTheSameSecret) {
  const test::TempDir directory;
  const std::string path = directory.File("trackwire.secret");
  std::vector<std::string> secrets(8);
  std::vector<std::thread> threads;
  for (std::string& secret : secrets) {
    threads.emplace_back([&] { secret = LoadOrCreateSecret(path).value_or(""); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::set<std::string>(secrets.begin(), secrets.end()).size(), 1u);
  EXPECT_FALSE(secrets.front().empty());
  size_t files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(path).parent_path())) {
    files += entry.is_regular_file() ? 1 : 0;
  }
  EXPECT_EQ(files, 1u) << "a temporary file was left behind";
}

TEST(SecretFileTest, RefusesASecretThatOthersMayRead) {
  const test::TempDir directory;
  const std::string path = directory.File("trackwire.secret");
  std::ofstream(path) << "known to all\n";
  ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
  const auto secret = LoadOrCreateSecret(path);
  ASSERT_FALSE(secret);
  EXPECT_EQ(secret.error().code, "secret_permissions");
}

TEST(SecretFileTest, RefusesASecretThatSomebodyElseMayHavePutThere) {
  const test::TempDir directory;
  const std::string path = directory.File("trackwire.secret");
  ASSERT_TRUE(LoadOrCreateSecret(path));
  const std::string link = directory.File("link");
  ASSERT_EQ(::symlink(path.c_str(), link.c_str()), 0);
  EXPECT_EQ(LoadSecret(link).error().code, "secret_unreadable");
  EXPECT_EQ(LoadOrCreateSecret(link).error().code, "secret_unreadable");
  // Only root may give a file away; as anybody else there is no such file to read.
  if (::chown(path.c_str(), 4'242, static_cast<gid_t>(-1)) == 0) {
    EXPECT_EQ(LoadSecret(path).error().code, "secret_permissions");
  } else {
    EXPECT_EQ(errno, EPERM);
  }
}

TEST(SecretFileTest, SaysWhatIsWrong) {
  const test::TempDir directory;
  EXPECT_EQ(LoadSecret(directory.File("none")).error().code, "secret_missing");
  EXPECT_EQ(LoadOrCreateSecret(directory.File("no/such/place")).error().code, "secret_not_written");
  const std::string path = directory.File("empty");
  std::ofstream(path) << "\n";
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  EXPECT_EQ(LoadSecret(path).error().code, "secret_empty");
}

}  // namespace
}  // namespace trackwire::auth
