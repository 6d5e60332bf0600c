// URIs of documents, below a folder that has ways out of it: none of them is ever taken.
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "fuzz.hpp"
#include "storage/storage.hpp"

namespace {

constexpr std::string_view tenant = "11111111-1111-4111-8111-111111111111";
constexpr std::string_view other = "22222222-2222-4222-8222-222222222222";

// Removed at the end of the process.
struct Folder {
  std::filesystem::path path;

  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "fuzz-uri-XXXXXX";
    promise(mkdtemp(name.data()) != nullptr);
    path = name;
    for (const auto owner : {tenant, other}) {
      std::filesystem::create_directories(path / "base" / owner / "ab");
      std::ofstream(path / "base" / owner / "ab" / "f") << "document";
    }
    std::ofstream(path / "secret") << "secret";
    std::filesystem::create_symlink(path / "secret", path / "base" / "s");
    std::filesystem::create_directory_symlink(path, path / "base" / "d");
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

}  // namespace

void fuzz(std::string_view input) {
  static const Folder folder;
  static const auto base = "file://" + (folder.path / "base").string();
  static const storage::Storage storage(base);
  storage::Storage::check(input);
  // What a producer controls is mostly the end.
  for (const auto& uri : {std::string(input), base + '/' + std::string(input)}) {
    const auto opened = storage.open(uri, tenant, 4096);
    const auto* document = std::get_if<storage::Opened>(&opened);
    if (document == nullptr) continue;
    const auto path = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(document->file.get())).string();
    promise(path == (folder.path / "base" / tenant / "ab" / "f").string());
  }
}
