// An extractor that a document can make do anything: stands in for inbox-extract, behind the same walls.
// The first word of a document says what happens.
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <map>
#include <new>
#include <vector>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "sandbox/answer.hpp"
#include "sandbox/server.hpp"

namespace {

std::string seen_before;  // what a document leaves in the process

std::string answer(std::string_view document, const std::vector<std::string>& flags) {
  std::string payload = R"({"doc_type":"document","syntax":"xml","flags":[)";
  for (bool first = true; const auto& flag : flags) {
    payload += (first ? "\"" : ",\"") + flag + '"';
    first = false;
  }
  return sandbox::write_answer({base::hex(base::bytes_of(base::sha256(document))), {}, {}, payload + "]}", {}});
}

// Which of the things that it must not do it can do.
std::vector<std::string> peek() {
  std::vector<std::string> flags;
  const auto note = [&flags](bool could, const char* what) {
    if (could) flags.emplace_back(what);
  };
  note(open("/etc/passwd", O_RDONLY) >= 0, "opened");
  note(open("/tmp/evil-extract", O_WRONLY | O_CREAT, 0600) >= 0, "created");
  note(socket(AF_INET, SOCK_STREAM, 0) >= 0, "inet_socket");
  note(socket(AF_UNIX, SOCK_STREAM, 0) >= 0, "unix_socket");
  note(dup(1) >= 0, "duplicated");
  note(kill(getppid(), 0) == 0, "signalled");
  note(signal(SIGALRM, SIG_IGN) != SIG_ERR, "ignored_its_end");
  note(execl("/bin/true", "true", nullptr) >= 0, "executed");
  note(fork() >= 0, "forked");
  note(getenv("DATABASE_URL") != nullptr, "saw_secret");
  note(!seen_before.empty(), "saw_other");
  return flags;
}

const std::map<std::string_view, std::function<std::string(std::string_view)>, std::less<>> deeds{
    {"fine", [](std::string_view document) { return answer(document, {}); }},
    {"peek", [](std::string_view document) { return answer(document, peek()); }},
    {"leave",
     [](std::string_view document) {
       seen_before = document;
       return answer(document, {});
     }},
    {"garbage", [](std::string_view) { return std::string("\0\xff garbage", 10); }},
    {"lie", [](std::string_view) { return answer("another document", {}); }},
    {"forge",
     [](std::string_view document) {
       return sandbox::write_answer({base::hex(base::bytes_of(base::sha256(document))), {}, {}, R"({"doc_type":"secret","syntax":"xml"})", {}});
     }},
    {"flood", [](std::string_view) { return std::string(sandbox::Limits().output_bytes + 1, 'x'); }},
    {"segfault",
     [](std::string_view) {
       raise(SIGSEGV);  // tgkill: allowed, for abort()
       *static_cast<volatile int*>(nullptr) = 1;
       return std::string();
     }},
    {"loop",
     [](std::string_view) {
       volatile bool on = true;
       while (on) {
       }
       return std::string();
     }},
    {"hang",
     [](std::string_view) {
       pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
       pthread_mutex_lock(&mutex);
       pthread_mutex_lock(&mutex);
       return std::string();
     }},
    {"swell",
     [](std::string_view) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
       throw std::bad_alloc();  // nothing limits the memory of such a build
#endif
       std::vector<std::string> kept;
       while (true) kept.emplace_back(16'777'216, 'x');
       return std::string();
     }},
    {"exit", [](std::string_view) -> std::string { _exit(7); }},
};

}  // namespace

int main() {
  sandbox::Limits limits;
  const auto* timeout = getenv("PARSER_TIMEOUT_MS");
  const auto* memory = getenv("PARSER_MEMORY_BYTES");
  if (timeout != nullptr) limits.timeout_ms = static_cast<std::uint32_t>(base::parse_integer(timeout).value_or(1000));
  if (memory != nullptr) limits.memory_bytes = static_cast<std::uint64_t>(base::parse_integer(memory).value_or(0));
  sandbox::serve(limits, [](std::string_view document, std::string_view /*mime*/) {
    const auto deed = deeds.find(document.substr(0, document.find_first_of(" \n")));
    return deed == deeds.end() ? answer(document, {"unknown_deed"}) : deed->second(document);
  });
}
