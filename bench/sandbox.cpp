// What the sandbox costs: the same documents read in this process, in a process each, and in a process each behind the walls.
//
//   bench-sandbox ROUNDS FILE…
//
// One JSON line for each kind of document (by extension): documents per second of the three ways, medians of interleaved rounds,
// and the share that the walls take of the time of the second way.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/text.hpp"
#include "extract/extract.hpp"
#include "extract/warm_up.hpp"
#include "sandbox/client.hpp"
#include "sandbox/descriptor.hpp"
#include "sandbox/server.hpp"

namespace {

using Clock = std::chrono::steady_clock;

std::string read(std::string_view document) { return extract::result_json(extract::extract(document, "")); }

double in_process(const std::vector<base::Fd>& files) {
  const auto began = Clock::now();
  for (const auto& file : files) read(sandbox::read_all(file.get()));
  return std::chrono::duration<double>(Clock::now() - began).count();
}

// One at a time, as the first way does, so that the number of cores plays no part.
double in_processes(const std::vector<base::Fd>& files, sandbox::Client& client) {
  const auto began = Clock::now();
  for (std::uint64_t job = 1; const auto& file : files) {
    client.submit(job++, file, "");
    while (client.in_flight() > 0) {
      pollfd fd{client.fd(), POLLIN, 0};
      poll(&fd, 1, 1000);
      client.take();
    }
  }
  return std::chrono::duration<double>(Clock::now() - began).count();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 1 && (arguments[0] == "--walls" || arguments[0] == "--no-walls")) {
    extract::warm_up();
    sandbox::serve(
        {}, [](std::string_view document, std::string_view) { return read(document); }, arguments[0] == "--walls" ? sandbox::Walls::all : sandbox::Walls::none);
    return 0;
  }
  const auto rounds = arguments.empty() ? std::nullopt : base::parse_integer(arguments[0]);
  if (!rounds || *rounds < 1 || arguments.size() < 2) {
    fmt::print(stderr, "usage: bench-sandbox ROUNDS FILE…\n");
    return 64;
  }
  std::map<std::string, std::vector<base::Fd>> kinds;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    base::Fd file(open(arguments[i].c_str(), O_RDONLY | O_CLOEXEC));
    if (file) kinds[std::filesystem::path(arguments[i]).extension().string()].push_back(std::move(file));
  }
  extract::warm_up();
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  sandbox::Client walls({self, "--walls"}, {}, {});
  sandbox::Client none({self, "--no-walls"}, {}, {});
  walls.start();
  none.start();
  for (const auto& [kind, files] : kinds) {
    std::vector<double> inside;
    std::vector<double> apart;
    std::vector<double> walled;
    for (std::int64_t round = 0; round < *rounds; ++round) {
      inside.push_back(in_process(files));
      apart.push_back(in_processes(files, none));
      walled.push_back(in_processes(files, walls));
    }
    const auto rate = [&](const std::vector<double>& seconds) { return static_cast<double>(files.size()) / median(seconds); };
    fmt::print("{{\"kind\":\"{}\",\"documents\":{},\"in_process_per_s\":{:.0f},\"process_each_per_s\":{:.0f},\"walls_per_s\":{:.0f},\"walls_cost\":{:.3f}}}\n",
               kind, files.size(), rate(inside), rate(apart), rate(walled), median(walled) / median(apart) - 1);
  }
}
