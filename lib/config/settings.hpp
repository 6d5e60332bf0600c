// Binds rows of the catalog to the fields of a tool's configuration and fills them from the environment.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/catalog.hpp"

namespace config {

// The environment as a value, so that tests need not change the real one.
using Environment = std::map<std::string, std::string, std::less<>>;
Environment process_environment();

// Overwrites the values of secrets in the memory that /proc/PID/environ shows. getenv() and the programs that are started later still find them.
void hide_secrets();

// Parses and stores a value; returns what is wrong with it, in words that do not quote it.
using Store = std::function<std::optional<std::string>(std::string_view value)>;

enum class Need { optional, required };

struct Binding {
  const Row* row;
  Need need;
  Store store;
};

struct Problem {
  std::string name;
  std::string detail;  // never the value
  std::string hint;
};

struct Effective {
  std::string_view name;
  std::string value;   // "set" or "unset" for secrets
  std::string source;  // default, environment, file, credential
};

struct Loaded {
  std::vector<Problem> problems;
  std::vector<Problem> warnings;  // unknown variables that look like ours
  std::vector<Effective> effective;
};

// The settings that one tool reads.
class Settings {
 public:
  Settings& bind(std::string_view name, std::string& into, Need need = Need::optional);
  Settings& bind(std::string_view name, std::int64_t& into, Need need = Need::optional);
  Settings& bind(std::string_view name, bool& into, Need need = Need::optional);
  Settings& bind(std::string_view name, Store store, Need need = Need::optional);

  // Checks that need more than one value; run when every single one was right.
  Settings& check(std::function<std::vector<Problem>()> rule);

  [[nodiscard]] Loaded load(const Environment& environment);
  [[nodiscard]] const std::vector<Binding>& bindings() const { return bindings_; }

 private:
  std::vector<Binding> bindings_;
  std::vector<std::function<std::vector<Problem>()>> rules_;
};

// "1 to 10000", "true or false", or the row's own words.
std::string allowed(const Row& row);

// Stores for kinds of value that several settings share.
Store one_of(std::string& into, std::vector<std::string_view> choices);
Store csv(std::vector<std::string>& into);
Store csv_uuids(std::vector<std::string>& into);
Store seconds_list(std::vector<std::int64_t>& into);

}  // namespace config
