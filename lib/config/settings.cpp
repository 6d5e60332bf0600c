#include "config/settings.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <forward_list>
#include <set>
#include <system_error>

#include "base/file.hpp"
#include "base/text.hpp"

namespace config {
namespace {

constexpr std::size_t secret_limit = 65536;

struct Value {
  std::string text;
  std::string source;
};

const std::string* find(const Environment& environment, std::string_view name) {
  const auto at = environment.find(name);
  return at == environment.end() || at->second.empty() ? nullptr : &at->second;
}

// A file ends with a line break that is not part of the secret.
std::string read_secret(const std::string& path) {
  auto text = base::read_file(path, secret_limit);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

std::optional<Value> find_value(const Row& row, const Environment& environment, std::vector<Problem>& problems) {
  if (row.secret) {
    const auto from_file = [&](const std::string& path, std::string_view source) -> std::optional<Value> {
      try {
        return Value{read_secret(path), std::string(source)};
      } catch (const std::system_error& e) {
        problems.push_back({std::string(row.name), fmt::format("its file cannot be read: {}", e.code().message()),
                            fmt::format("make {} readable for this user, at most {} bytes", row.name, secret_limit)});
        return Value{};
      }
    };
    if (const auto* folder = find(environment, "CREDENTIALS_DIRECTORY")) {
      const auto path = *folder + "/" + base::lower(row.name);
      if (access(path.c_str(), F_OK) == 0) return from_file(path, "credential");
    }
    if (const auto* path = find(environment, std::string(row.name) + "_FILE")) return from_file(*path, "file");
  }
  if (const auto* text = find(environment, row.name)) return Value{*text, "environment"};
  // systemd names the folders that it made (systemd.exec(5), StateDirectory=), separated by colons.
  if (row.name == "STATE_DIR") {
    if (const auto* folders = find(environment, "STATE_DIRECTORY")) return Value{folders->substr(0, folders->find(':')), "environment"};
  }
  return std::nullopt;
}

// libpq reads a password of its own accord.
bool is_secret(std::string_view name) {
  return name == "PGPASSWORD" || std::ranges::any_of(catalog(), [&](const Row& row) { return row.secret && row.name == name; });
}

std::string_view prefix_of(std::string_view name) { return name.substr(0, name.find('_') + 1); }

// A variable that has the prefix of a setting of this tool but is no setting of any tool.
std::vector<Problem> unknown_variables(const std::vector<Binding>& bindings, const Environment& environment) {
  std::set<std::string_view> prefixes;
  for (const auto& binding : bindings) {
    if (binding.row->name.find('_') != std::string_view::npos) prefixes.insert(prefix_of(binding.row->name));
  }
  std::vector<std::string_view> names;
  std::vector<std::string_view> secrets;
  for (const auto& row : catalog()) {
    names.push_back(row.name);
    if (row.secret) secrets.push_back(row.name);
  }
  std::vector<Problem> unknown;
  for (const auto& [name, value] : environment) {
    const std::string_view stem = name;
    if (stem.ends_with("_FILE") && std::ranges::find(secrets, stem.substr(0, stem.size() - 5)) != secrets.end()) continue;
    if (!prefixes.contains(prefix_of(name)) || std::ranges::find(names, stem) != names.end() || name == "STATE_DIRECTORY") continue;
    const auto near = base::nearest(name, names);
    unknown.push_back({name, "unknown setting, ignored", near ? fmt::format("did you mean {}?", *near) : "remove it, or see --help for the settings"});
  }
  return unknown;
}

}  // namespace

Environment process_environment() {
  Environment environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view pair(*entry);
    if (const auto equals = pair.find('='); equals != std::string_view::npos) environment.emplace(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return environment;
}

void hide_secrets() {
  // Never destroyed: libraries look into the environment until the very end.
  static auto& copies = *new std::forward_list<std::string>();
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view pair(*entry);
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos || !is_secret(pair.substr(0, equals))) continue;
    char* shown = *entry;
    *entry = copies.emplace_front(pair).data();
    explicit_bzero(shown + equals + 1, pair.size() - equals - 1);
  }
}

std::string allowed(const Row& row) {
  switch (row.kind) {
    case Kind::integer:
      return fmt::format("{} to {}", row.min, row.max);
    case Kind::boolean:
      return "true or false";
    case Kind::text:
      break;
  }
  return std::string(row.allowed);
}

Settings& Settings::bind(std::string_view name, std::string& into, Need need) {
  return bind(
      name,
      [&into](std::string_view value) -> std::optional<std::string> {
        into = value;
        return std::nullopt;
      },
      need);
}

Settings& Settings::bind(std::string_view name, std::int64_t& into, Need need) {
  const auto& row = config::row(name);
  return bind(
      name,
      [&into, &row](std::string_view value) -> std::optional<std::string> {
        const auto number = base::parse_integer(value);
        if (!number) return "is not a whole number";
        if (*number < row.min || *number > row.max) return "is out of range";
        into = *number;
        return std::nullopt;
      },
      need);
}

Settings& Settings::bind(std::string_view name, bool& into, Need need) {
  return bind(
      name,
      [&into](std::string_view value) -> std::optional<std::string> {
        const auto word = base::lower(value);
        if (word != "true" && word != "false" && word != "1" && word != "0" && word != "yes" && word != "no") return "is not true or false";
        into = word == "true" || word == "1" || word == "yes";
        return std::nullopt;
      },
      need);
}

Settings& Settings::bind(std::string_view name, Store store, Need need) {
  bindings_.push_back({&row(name), need, std::move(store)});
  return *this;
}

Settings& Settings::check(std::function<std::vector<Problem>()> rule) {
  rules_.push_back(std::move(rule));
  return *this;
}

Loaded Settings::load(const Environment& environment) {
  Loaded loaded;
  for (const auto& binding : bindings_) {
    const Row& row = *binding.row;
    const auto problems_before = loaded.problems.size();
    auto value = find_value(row, environment, loaded.problems);
    if (loaded.problems.size() != problems_before) continue;
    if (value && value->text.empty()) value.reset();
    if (!value && !row.fallback.empty()) value = Value{std::string(row.fallback), "default"};
    if (!value) {
      if (binding.need == Need::required) {
        loaded.problems.push_back({std::string(row.name), "is not set", fmt::format("set {} to {}", row.name, allowed(row))});
      }
      loaded.effective.push_back({row.name, row.secret ? "unset" : "", "default"});
      continue;
    }
    if (const auto wrong = binding.store(value->text)) {
      loaded.problems.push_back({std::string(row.name), *wrong, fmt::format("allowed: {}", allowed(row))});
    }
    loaded.effective.push_back({row.name, row.secret ? "set" : value->text, value->source});
  }
  if (loaded.problems.empty()) {
    for (const auto& rule : rules_) {
      for (auto& problem : rule()) loaded.problems.push_back(std::move(problem));
    }
  }
  loaded.warnings = unknown_variables(bindings_, environment);
  return loaded;
}

Store one_of(std::string& into, std::vector<std::string_view> choices) {
  return [&into, choices = std::move(choices)](std::string_view value) -> std::optional<std::string> {
    if (std::ranges::find(choices, value) == choices.end()) return "is none of the choices";
    into = value;
    return std::nullopt;
  };
}

Store csv(std::vector<std::string>& into) {
  return [&into](std::string_view value) -> std::optional<std::string> {
    into.clear();
    for (const auto part : base::split(value, ',')) {
      const auto item = base::trim(part);
      if (item.empty()) return "has an empty item";
      if (base::has_control(item)) return "has a control character";
      into.emplace_back(item);
    }
    return std::nullopt;
  };
}

Store csv_uuids(std::vector<std::string>& into) {
  return [&into](std::string_view value) -> std::optional<std::string> {
    into.clear();
    for (const auto part : base::split(value, ',')) {
      const auto item = base::trim(part);
      if (!base::is_uuid(item)) return fmt::format("item {} is not a UUID", into.size() + 1);
      into.push_back(base::lower(item));
    }
    return std::nullopt;
  };
}

Store seconds_list(std::vector<std::int64_t>& into) {
  return [&into](std::string_view value) -> std::optional<std::string> {
    into.clear();
    for (const auto part : base::split(value, ',')) {
      const auto number = base::parse_integer(base::trim(part));
      if (!number || *number < 0 || *number > 86400) return fmt::format("item {} is not a number of seconds", into.size() + 1);
      into.push_back(*number);
    }
    if (into.empty() || into.size() > 10) return "does not have 1 to 10 items";
    return std::nullopt;
  };
}

}  // namespace config
