// Documents as files: what is opened, and what is refused before a byte is read.
#include "storage/storage.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/text.hpp"
#include "storage/mime.hpp"

namespace {

namespace fs = std::filesystem;
using storage::Opened;
using storage::Refusal;
using storage::Storage;

constexpr std::string_view tenant = "11111111-1111-4111-8111-111111111111";
constexpr std::string_view other = "22222222-2222-4222-8222-222222222222";
const std::string hash(64, 'a');

class Storing : public ::testing::Test {
 protected:
  Storing() : root_(fs::temp_directory_path() / ("storage-" + base::random_uuid())), base_(root_ / "inbox") { fs::create_directories(base_); }
  ~Storing() override { fs::remove_all(root_); }

  void file(const fs::path& path, std::string_view content = "content") const {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << content;
  }
  [[nodiscard]] std::string uri(std::string_view below) const { return "file://" + base_.string() + std::string(below); }
  [[nodiscard]] std::string verdict(std::string_view uri, std::int64_t max_bytes = 1000) const {
    const auto opened = Storage("file://" + base_.string()).open(uri, tenant, max_bytes);
    if (std::holds_alternative<Opened>(opened)) return "opened";
    switch (std::get<Refusal>(opened)) {
      case Refusal::uri:
        return "uri";
      case Refusal::not_file:
        return "not_file";
      case Refusal::too_large:
        return "too_large";
      case Refusal::missing:
        return "missing";
      case Refusal::unreadable:
        return "unreadable";
    }
    return {};
  }

  fs::path root_;
  fs::path base_;
};

TEST_F(Storing, OpensAFileBelowTheBase) {
  file(base_ / "a" / "b.xml");
  EXPECT_EQ(verdict(uri("/a/b.xml")), "opened");
  EXPECT_EQ(verdict(uri("/a/none.xml")), "missing");
}

TEST_F(Storing, RefusesEveryOtherWayToSayIt) {
  file(base_ / "ok.xml");
  file(root_ / "secret");
  const std::string nul = uri("/ok.xml") + std::string("\0.png", 5);
  for (const std::string& bad : {uri("/../secret"),
                                 uri("/./ok.xml"),
                                 uri("//ok.xml"),
                                 uri("/ok.xml/"),
                                 uri("/%6fk.xml"),
                                 uri("/..%2fsecret"),
                                 uri("/ok.xml?x"),
                                 uri("/ok.xml#x"),
                                 uri("/a\\..\\ok.xml"),
                                 uri("/ok\n.xml"),
                                 uri(""),
                                 uri("/"),
                                 nul,
                                 std::string("file:///etc/passwd"),
                                 std::string("file://localhost") + base_.string() + "/ok.xml",
                                 base_.string() + "/ok.xml",
                                 std::string("ok.xml"),
                                 std::string("http://127.0.0.1:9/ok.xml"),
                                 "FILE://" + base_.string() + "/ok.xml",
                                 std::string(),
                                 uri("2/ok.xml"),
                                 uri("/" + std::string(5000, 'a'))}) {
    EXPECT_EQ(verdict(bad), "uri") << bad;
  }
}

TEST_F(Storing, FollowsNoSymbolicLink) {
  file(root_ / "secret");
  fs::create_symlink(root_ / "secret", base_ / "link");
  fs::create_directory_symlink(root_, base_ / "folder");
  fs::create_symlink("ok.xml", base_ / "inside");
  file(base_ / "ok.xml");
  EXPECT_EQ(verdict(uri("/link")), "not_file");
  EXPECT_EQ(verdict(uri("/folder/secret")), "not_file");
  EXPECT_EQ(verdict(uri("/inside")), "not_file");
}

TEST_F(Storing, RefusesWhatIsNoRegularFileWithoutWaitingForIt) {
  ASSERT_EQ(mkfifo((base_ / "fifo").c_str(), 0600), 0);
  fs::create_directories(base_ / "folder");
  EXPECT_EQ(verdict(uri("/fifo")), "not_file");
  EXPECT_EQ(verdict(uri("/folder")), "not_file");
}

TEST_F(Storing, JudgesASparseFileByItsSize) {
  file(base_ / "huge");
  fs::resize_file(base_ / "huge", 20'000'000'000);
  EXPECT_EQ(verdict(uri("/huge")), "too_large");
  file(base_ / "just", std::string(1000, 'x'));
  EXPECT_EQ(verdict(uri("/just")), "opened");
}

TEST_F(Storing, RefusesTheFolderOfAnotherTenant) {
  file(base_ / other / "x.xml");
  file(base_ / tenant / "x.xml");
  EXPECT_EQ(verdict(uri("/" + std::string(other) + "/x.xml")), "uri");
  EXPECT_EQ(verdict(uri("/" + std::string(tenant) + "/x.xml")), "opened");
}

TEST_F(Storing, ABaseThatIsALinkIsTheOperatorsOwnChoice) {
  file(root_ / "real" / "x.xml");
  fs::create_directory_symlink(root_ / "real", root_ / "alias");
  const auto opened = Storage("file://" + (root_ / "alias").string() + "/").open("file://" + (root_ / "alias/x.xml").string(), tenant, 1000);
  EXPECT_TRUE(std::holds_alternative<Opened>(opened));
}

TEST_F(Storing, StoresOnceForEachTenantAndContent) {
  const Storage storage("file://" + base_.string());
  storage.store(tenant, hash, "content");
  EXPECT_EQ(verdict(storage.uri_of(tenant, hash)), "opened");
  const auto path = base_ / tenant / "aa" / hash;
  const auto written = fs::last_write_time(path);
  fs::last_write_time(path, written - std::chrono::hours(1));
  storage.store(tenant, hash, "content");
  EXPECT_EQ(fs::last_write_time(path), written - std::chrono::hours(1));
  EXPECT_EQ(fs::status(path).permissions(), fs::perms(0640));
}

TEST_F(Storing, RepairsAFileThatIsNotWhatItShouldBe) {
  const Storage storage("file://" + base_.string());
  file(base_ / tenant / "aa" / hash, "conte");
  storage.store(tenant, hash, "content");
  std::string content;
  std::ifstream(base_ / tenant / "aa" / hash) >> content;
  EXPECT_EQ(content, "content");
}

TEST_F(Storing, SweepsWhatKilledRunsLeft) {
  const Storage storage("file://" + base_.string());
  const auto folder = base_ / tenant / "aa";
  file(folder / "old.tmp");
  file(folder / "new.tmp");
  fs::last_write_time(folder / "old.tmp", fs::file_time_type::clock::now() - std::chrono::hours(48));
  storage.store(tenant, hash, "content");
  EXPECT_FALSE(fs::exists(folder / "old.tmp"));
  EXPECT_TRUE(fs::exists(folder / "new.tmp"));
}

TEST(StorageBase, IsAFileUriWithAPlainPath) {
  for (const std::string_view good : {"file:///var/lib/0admin/inbox", "file:///srv/inbox/"}) EXPECT_FALSE(Storage::check(good)) << good;
  for (const std::string_view bad : {"", "/srv", "http://srv/", "file://srv/x", "file:///", "file:///a//b", "file:///a/../b", "file:///a%20b"})
    EXPECT_TRUE(Storage::check(bad)) << bad;
}

TEST(Kinds, AreFoundByNameMimeTypeContentAndExtension) {
  EXPECT_EQ(storage::find_kind("application/PDF; charset=x")->name, "pdf");
  EXPECT_EQ(storage::find_kind("text/xml")->name, "xml");
  EXPECT_EQ(storage::find_kind("jpg")->name, "jpeg");
  EXPECT_EQ(storage::find_kind("text/html"), nullptr);
  EXPECT_EQ(storage::guess_kind("%PDF-1.7", "invoice.xml")->name, "pdf");
  EXPECT_EQ(storage::guess_kind("a;b", "Umsätze.CSV")->name, "csv");
  EXPECT_EQ(storage::guess_kind("a;b", "csv"), nullptr);
}

}  // namespace
