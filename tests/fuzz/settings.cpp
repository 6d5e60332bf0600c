// Settings of outbox-publish, as NAME=value lines. What is wrong is told without quoting a value that may be a secret.
#include <string>

#include "base/text.hpp"
#include "config.hpp"
#include "fuzz.hpp"

void fuzz(std::string_view input) {
  config::Environment environment;
  for (const auto line : base::split(input, '\n')) {
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    const auto name = line.substr(0, equals);
    // Those name files, of which there are better ones to read than a fuzzer's guesses.
    if (name.ends_with("_FILE") || name.ends_with("_PATH") || name == "CREDENTIALS_DIRECTORY") continue;
    environment[std::string(name)] = line.substr(equals + 1);
  }
  Config config;
  auto bound = settings(config);
  const auto loaded = bound.load(environment);
  const auto& url = environment["DATABASE_URL"];
  const bool telling = url.size() >= 16;  // shorter ones can be part of a sentence by chance
  for (const auto& problem : loaded.problems) {
    promise(!problem.name.empty() && !problem.hint.empty());
    promise(!telling || (problem.detail + problem.hint).find(url) == std::string::npos);
  }
  if (!loaded.problems.empty()) return;
  promise(config.batch_size >= 1 && config.concurrency >= 1 && !config.backoff_steps_s.empty());
  promise(!config.webhook() || (config.target.url.starts_with("https://") && !config.target.host.empty()));
  for (const auto& header : config.headers) promise(!base::has_control(header.name) && !base::has_control(header.value));
}
