#include "extract/package.hpp"

#include <zip.h>

#include <new>
#include <vector>

#include "base/text.hpp"
#include "extract/formats.hpp"

namespace extract {
namespace {

struct CloseFile {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};

// The target of a relation, seen from the part that has it. Nothing when it climbs out of the package.
std::optional<std::string> resolved(std::string_view folder, std::string_view target) {
  std::vector<std::string_view> steps;
  if (!target.starts_with('/')) steps = base::split(folder, '/');
  for (const auto step : base::split(target, '/')) {
    if (step.empty() || step == ".") continue;
    if (step != "..") {
      steps.push_back(step);
    } else if (steps.empty()) {
      return std::nullopt;
    } else {
      steps.pop_back();
    }
  }
  std::string part;
  for (const auto step : steps) {
    if (!part.empty()) part += '/';
    part += step;
  }
  return part;
}

class RelationHandler : public xml::Handler {
 public:
  explicit RelationHandler(std::string_view folder) : folder_(folder) {}

  void open(std::string_view /*ns*/, std::string_view name, const xml::Attributes& attributes) override {
    if (name != "Relationship") return;
    std::string id;
    std::string target;
    Relation relation;
    bool outside = false;
    for (const auto& [key, value] : attributes) {
      if (key == "Id") id = value;
      if (key == "Type") relation.type = value.substr(value.rfind('/') + 1);
      if (key == "Target") target = value;
      if (key == "TargetMode") outside = value == "External";
    }
    if (!outside) {
      auto part = resolved(folder_, target);
      if (!part) refusal_ = parse_error(error_class::damaged);
      relation.part = std::move(part).value_or("");
    }
    relations[id] = std::move(relation);
  }
  void close(std::string_view /*ns*/, std::string_view /*name*/) override {}
  void text(std::string_view /*piece*/) override {}
  std::optional<Refusal> refused() override { return refusal_; }

  Relations relations;

 private:
  std::string_view folder_;
  std::optional<Refusal> refusal_;
};

}  // namespace

void Package::Close::operator()(zip* archive) const { zip_discard(archive); }

// Parts are streamed and nothing of them is kept here, so what they unpack to is the limit, not how many elements that is.
Package::Package(zip* archive, const Limits& limits) : archive_(archive), limits_(limits), left_(limits.max_unpacked_bytes) { limits_.max_nodes = SIZE_MAX; }

std::variant<Package, Refusal> Package::open(std::string_view bytes, const Limits& limits) {
  zip_error_t error;
  zip_error_init(&error);
  auto* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  if (source == nullptr) throw std::bad_alloc();
  auto* archive = zip_open_from_source(source, ZIP_RDONLY, &error);
  const bool no_memory = zip_error_code_zip(&error) == ZIP_ER_MEMORY;
  zip_error_fini(&error);
  if (archive == nullptr) {
    zip_source_free(source);
    if (no_memory) throw std::bad_alloc();
    return parse_error(error_class::damaged);
  }
  Package package(archive, limits);
  if (static_cast<std::size_t>(zip_get_num_entries(archive, 0)) > limits.max_entries) return parse_error(error_class::too_many_entries);
  return package;
}

bool Package::has(std::string_view part) const { return zip_name_locate(archive_.get(), std::string(part).c_str(), ZIP_FL_NOCASE) >= 0; }

std::optional<Refusal> Package::read(std::string_view part, xml::Handler& handler) {
  const auto index = zip_name_locate(archive_.get(), std::string(part).c_str(), ZIP_FL_NOCASE);
  if (index < 0) return parse_error(error_class::damaged);
  const std::unique_ptr<zip_file_t, CloseFile> file(zip_fopen_index(archive_.get(), static_cast<zip_uint64_t>(index), 0));
  if (!file) {
    const bool locked = zip_error_code_zip(zip_get_error(archive_.get())) == ZIP_ER_NOPASSWD;
    return parse_error(locked ? error_class::encrypted : error_class::damaged);
  }
  bool overflowed = false;
  const xml::Source source = [&](char* buffer, int size) {
    const auto got = zip_fread(file.get(), buffer, static_cast<zip_uint64_t>(size));
    if (got < 0) return -1;
    overflowed = static_cast<std::size_t>(got) > left_;
    if (overflowed) return -1;
    left_ -= static_cast<std::size_t>(got);
    return static_cast<int>(got);
  };
  auto refusal = xml::parse(source, handler, limits_);
  if (overflowed) return parse_error(error_class::unpacked_size);
  return refusal;
}

std::variant<Relations, Refusal> Package::relations_of(std::string_view part) {
  const auto slash = part.rfind('/');
  const auto folder = slash == std::string_view::npos ? std::string_view{} : part.substr(0, slash);
  const auto name = slash == std::string_view::npos ? part : part.substr(slash + 1);
  const auto relations = std::string(folder) + (folder.empty() ? "" : "/") + "_rels/" + std::string(name) + ".rels";
  RelationHandler handler(folder);
  if (!has(relations)) return Relations{};
  if (auto refusal = read(relations, handler)) return std::move(*refusal);
  return std::move(handler.relations);
}

}  // namespace extract
