#include "reading.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/text.hpp"
#include "events.hpp"
#include "inbox_work/sql.hpp"
#include "sandbox/answer.hpp"
#include "storage/mime.hpp"

using outbox::Event;

namespace {

using namespace std::chrono_literals;

constexpr auto fault_pause = 30s;
constexpr int deaths_in_a_row = 3;
constexpr std::int64_t process_tries = 2;  // what crashes, hangs or swells its process is tried once more

constexpr auto light_kinds = std::to_array<std::string_view>({"xml", "json", "csv", "png", "jpeg"});

bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

// Beside this program or among its helpers; in a build tree, beside its folder.
std::filesystem::path find_program(const std::filesystem::path& name) {
  std::error_code ignored;
  const auto here = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const auto& folder : {here, here.parent_path() / "lib/0admin-ops", here.parent_path() / "inbox-extract"}) {
    if (is_there(folder / name)) return folder / name;
  }
  return here / name;
}

std::vector<std::string> full_command() { return {find_program("inbox-extract").string(), "--serve"}; }

// Whatever this one can read, the other can too, only slower.
std::vector<std::string> light_command() {
  const auto program = find_program("inbox-extract-light");
  return is_there(program) ? std::vector{program.string()} : full_command();
}

sandbox::Limits limits(const Config& config) {
  sandbox::Limits limits;
  limits.memory_bytes = static_cast<std::uint64_t>(config.memory_bytes);
  limits.timeout_ms = static_cast<std::uint32_t>(config.timeout_ms);
  return limits;
}

// As few of our settings as it needs, and none of our secrets.
std::vector<std::string> extractor_environment(const Config& config) {
  return {fmt::format("PARSER_TIMEOUT_MS={}", config.timeout_ms), fmt::format("PARSER_MEMORY_BYTES={}", config.memory_bytes),
          fmt::format("PARSER_CHUNK_THRESHOLD_BYTES={}", config.chunk_bytes)};
}

std::string json_array(const std::vector<std::string>& words) { return words.empty() ? "[]" : fmt::format("[\"{}\"]", fmt::join(words, "\",\"")); }

bool may_help(std::string_view reason) { return reason == "io_error" || reason == "timeout" || reason == "oom"; }

}  // namespace

Reading::Reading(Config& config, emit::Output& output)
    : config_(config),
      output_(output),
      storage_(config.storage_uri),
      light_{.client = {light_command(), extractor_environment(config), limits(config)}},
      full_{.client = {full_command(), extractor_environment(config), limits(config)}} {}

std::size_t Reading::room() {
  if (!fault_.empty()) return 1;  // start() gives it back
  if (unsettled() >= static_cast<std::size_t>(config_.batch_size) * 2) return 0;
  // As many again are made ready while the others are read, so that no process waits for us to open its document.
  const auto limit = 2 * jobs();
  return limit - std::min(limit, in_flight());
}

void Reading::start(outbox::EventPtr event) {
  config_.refresh_tenants(output_);
  Finished pending;
  pending.began = base::Boottime::now();
  pending.request = read_request(event->payload);
  pending.reason = outbox::barred(*event, config_.tenants, config_.retry_max);
  pending.event = std::move(event);
  if (!pending.reason.empty()) {
    pending.fate = Fate::dead;
    pending.error_class = pending.reason;
    finish(std::move(pending));
    return;
  }
  pending.took = base::Milliseconds(0);
  if (!pending.request) return refuse(std::move(pending), "validation_error", "payload");
  const auto* kind = storage::find_kind(pending.request->mime);
  if (kind == nullptr || !allowed_kind(kind->name)) return refuse(std::move(pending), "unsupported_mime", "declared");
  open(std::move(pending), std::ranges::find(light_kinds, kind->name) != light_kinds.end() ? light_ : full_);
}

void Reading::open(Finished pending, Extractor& extractor) {
  auto opened = storage_.open(pending.request->uri, pending.event->tenant_id, config_.max_bytes);
  if (auto* document = std::get_if<storage::Opened>(&opened)) {
    pending.bytes = document->bytes;
    ready_.push_back({std::move(pending), std::move(document->file), &extractor});
    submit_ready();
    return;
  }
  switch (std::get<storage::Refusal>(opened)) {
    case storage::Refusal::uri:
      return refuse(std::move(pending), "validation_error", "uri");
    case storage::Refusal::not_file:
      return refuse(std::move(pending), "validation_error", "not_file");
    case storage::Refusal::too_large:
      return refuse(std::move(pending), "validation_error", "too_large");
    case storage::Refusal::missing:
      io_failed(pending, "missing");
      break;
    case storage::Refusal::unreadable:
      io_failed(pending, "unreadable");
      break;
  }
  finish(std::move(pending));
}

void Reading::refuse(Finished finished, std::string_view reason, std::string_view error_class) {
  finished.fate = Fate::refused;
  finished.reason = reason;
  finished.error_class = error_class;
  finish(std::move(finished));
}

void Reading::submit_ready() {
  while (!ready_.empty() && flying_.size() < jobs()) {
    auto next = std::move(ready_.front());
    ready_.pop_front();
    submit(std::move(next));
  }
}

void Reading::submit(Ready next) {
  auto& client = next.extractor->client;
  const bool wanted = !engine_->stopping();
  if (wanted && fault_.empty() && !client.running()) {
    try {
      client.start();
    } catch (const std::system_error& error) {
      set_fault(fmt::format("inbox-extract cannot be started: {}", error.code().message()));
    }
  }
  const auto job = next_job_++;
  if (!wanted || !fault_.empty() || !client.submit(job, next.document, next.pending.request->mime)) {
    engine_->release(std::move(next.pending.event));
    return;
  }
  next.pending.began = base::Boottime::now();
  flying_.emplace(job, std::move(next.pending));
}

void Reading::wait(std::vector<pollfd>& others, base::Milliseconds timeout) {
  for (const auto* extractor : extractors()) {
    if (extractor->client.running()) others.push_back({extractor->client.fd(), POLLIN, 0});
  }
  poll(others.data(), others.size(), static_cast<int>(timeout.count()));
  std::vector<Landed> landed;
  for (auto* extractor : extractors()) {
    const bool ran = extractor->client.running();
    for (auto& answer : extractor->client.take()) {
      if (answer.end != sandbox::End::not_started) {
        extractor->deaths = 0;
        said_fault_ = false;
      }
      if (auto flight = flying_.extract(answer.job)) landed.push_back({std::move(flight.mapped()), std::move(answer), extractor});
    }
    // Its death is not put down to any document, because no document runs in it.
    if (ran && !extractor->client.running() && ++extractor->deaths >= deaths_in_a_row) set_fault("inbox-extract ends again and again");
  }
  submit_ready();  // first, so that what was read is settled while others are read
  for (auto& [finished, answer, extractor] : landed) answered(std::move(finished), answer, *extractor);
  tell_walls();
}

void Reading::answered(Finished finished, const sandbox::Answer& answer, Extractor& extractor) {
  if (base::Boottime::now() >= finished.event->lease_end) {
    engine_->count_stale(1);
    return;
  }
  if (answer.end == sandbox::End::not_started) {
    engine_->release(std::move(finished.event));
    return;
  }
  if (&extractor == &light_ && answer.end == sandbox::End::answered && answer.text == sandbox::elsewhere) {
    open(std::move(finished), full_);
    return;
  }
  finished.took = std::chrono::round<base::Milliseconds>(base::Boottime::now() - finished.began);
  judge(finished, answer);
  finish(std::move(finished));
}

void Reading::judge(Finished& finished, const sandbox::Answer& answer) {
  switch (answer.end) {
    case sandbox::End::timeout:
      return process_failed(finished, "timeout", "time_limit");
    case sandbox::End::out_of_memory:
      return process_failed(finished, "oom", "memory_limit");
    case sandbox::End::crash:
      return process_failed(finished, "crash", answer.detail == 0 ? "exit" : fmt::format("signal_{}", answer.detail));
    default:
      break;
  }
  auto parts = sandbox::read_answer(answer.text);
  if (!parts) return process_failed(finished, "crash", "garbage");
  if (parts->sha256 != finished.request->content_hash) return io_failed(finished, "content_hash");
  if (!parts->reason.empty()) {
    const bool known = parts->reason == "parse_error" || parts->reason == "unsupported_mime" || parts->reason == "validation_error";
    if (!known || !is_word(parts->error_class)) return process_failed(finished, "crash", "garbage");
    finished.fate = Fate::refused;
    finished.reason = std::move(parts->reason);
    finished.error_class = std::move(parts->error_class);
    return;
  }
  auto extracted = check_extracted(std::move(parts->payload), std::move(parts->text));
  if (!extracted) return process_failed(finished, "crash", "garbage");
  if (!allowed_kind(extracted->kind)) {
    finished.fate = Fate::refused;
    finished.reason = "unsupported_mime";
    finished.error_class = "content";
    return;
  }
  finished.fate = Fate::read;
  finished.extracted = std::move(*extracted);
}

void Reading::process_failed(Finished& finished, std::string_view reason, std::string_view error_class) {
  finished.fate = finished.event->attempt_count + 1 >= process_tries ? Fate::dead : Fate::failed;
  finished.reason = reason;
  finished.error_class = error_class;
}

void Reading::io_failed(Finished& finished, std::string_view error_class) {
  finished.fate = finished.event->attempt_count >= config_.retry_max ? Fate::dead : Fate::failed;
  finished.reason = "io_error";
  finished.error_class = error_class;
}

void Reading::settle(outbox::Round& round) {
  results_.take(one_by_one_ > 0 ? 1 : results_.waiting());
  add_complete(round);
  add_failed(round);
  add_burial(round);
  round.make_durable();
  round.then([this] {
    results_.committed();
    if (one_by_one_ > 0) --one_by_one_;
  });
}

bool Reading::data_refused() {
  if (results_.waiting() == 0) return false;
  if (one_by_one_ == 0) {
    one_by_one_ = results_.waiting();
    return true;
  }
  auto& culprit = results_.oldest();
  if (culprit.reason == "validation_error" && culprit.error_class == "data_refused") return false;
  culprit.fate = Fate::refused;
  culprit.extracted = {};
  culprit.reason = "validation_error";
  culprit.error_class = "data_refused";
  return true;
}

void Reading::add_complete(outbox::Round& round) {
  std::vector<const Event*> events;
  std::vector<std::optional<std::string>> items;
  std::vector<std::optional<std::string>> hashes;
  std::vector<std::optional<std::string>> doc_types;
  std::vector<std::optional<std::string>> payloads;
  std::vector<std::string> flags;
  std::vector<std::optional<std::string>> reasons;
  std::vector<std::optional<std::string>> classes;
  std::vector<std::int64_t> durations;
  std::vector<std::string> chunk_events;
  std::vector<std::int64_t> chunk_numbers;
  std::vector<std::string> chunks;
  for (const auto& finished : results_.taken()) {
    if (finished.fate != Fate::read && finished.fate != Fate::refused) continue;
    const bool read = finished.fate == Fate::read;
    const auto when = [](bool condition, const std::string& text) { return condition ? std::optional(text) : std::nullopt; };
    events.push_back(finished.event.get());
    items.push_back(finished.request ? std::optional(finished.request->inbox_item_id) : std::nullopt);
    hashes.push_back(finished.request ? std::optional(finished.request->content_hash) : std::nullopt);
    doc_types.push_back(when(read, finished.extracted.doc_type));
    payloads.push_back(when(read, finished.extracted.payload));
    flags.push_back(json_array(finished.extracted.flags));
    reasons.push_back(when(!read, finished.reason));
    classes.push_back(when(!read, finished.error_class));
    durations.push_back(finished.took.value_or(base::Milliseconds(0)).count());
    for (std::int64_t number = 0; const auto piece : cut(finished.extracted.text, static_cast<std::size_t>(config_.chunk_bytes))) {
      chunk_events.emplace_back(finished.event->id);
      chunk_numbers.push_back(number++);
      chunks.emplace_back(piece);
    }
  }
  if (events.empty()) return;
  pg::Params params;
  outbox::add_keys(params, events);
  params.add_array(items).add_array(hashes).add_array(doc_types).add_array(payloads).add_array(flags);
  params.add_array(reasons).add_array(classes).add_array(durations).add_array(chunk_events).add_array(chunk_numbers).add_array(chunks);
  params.add(results_.resubmitted() ? "true" : "false").add(engine_->runner_id());
  const auto count = static_cast<std::int64_t>(events.size());
  round.add(inbox_work::sql::complete, std::move(params), [this, count](const pg::Result& result) {
    engine_->count_stale(std::max<std::int64_t>(0, count - result.rows()));
    for (int row = 0; row < result.rows(); ++row) {
      const auto* finished = results_.find(result.text(row, 0));
      if (finished != nullptr) completed(*finished, result.text(row, 1), result.text(row, 2), result.text(row, 3));
    }
  });
}

void Reading::add_failed(outbox::Round& round) {
  std::vector<outbox::Failed> attempts;
  attempts.reserve(results_.taken().size());
  std::uniform_real_distribution<double> spread(0.0, 1.0);
  for (const auto& finished : results_.taken()) {
    if (finished.fate != Fate::failed && finished.fate != Fate::dead) continue;
    const auto wait = outbox::backoff(config_.backoff_steps_s, finished.event->attempt_count, base::Milliseconds(0), spread(random_));
    attempts.push_back({finished.event.get(), finished.reason, finished.fate == Fate::dead, false, finished.began, wait, finished.took});
  }
  const auto told = [this](std::string_view id, std::string_view verdict, std::optional<std::string> next_attempt_at) {
    if (const auto* finished = results_.find(id)) failed(*finished, verdict, std::move(next_attempt_at));
  };
  outbox::add_failed(round, attempts, config_.retry_max, std::nullopt, engine_->runner_id(), told, [this](std::int64_t count) { engine_->count_stale(count); });
}

void Reading::add_burial(outbox::Round& round) {
  std::vector<std::string> ids;
  std::vector<std::int64_t> generations;
  std::vector<std::string> items;
  std::vector<std::string> classes;
  std::vector<std::string> helpful;
  for (const auto& finished : results_.taken()) {
    // A tenant that is not served is told nothing either: allowing it and replaying the event reads the document as if nothing had been.
    if (finished.fate != Fate::dead || !finished.request || finished.reason == "tenant_unknown") continue;
    ids.emplace_back(finished.event->id);
    generations.push_back(finished.event->replay_count);
    items.push_back(finished.request->inbox_item_id);
    classes.push_back(finished.error_class);
    helpful.emplace_back(may_help(finished.reason) ? "true" : "false");
  }
  if (ids.empty()) return;
  pg::Params params;
  params.add_array(ids).add_array(generations).add_array(items).add_array(classes).add_array(helpful);
  round.add(inbox_work::sql::bury, std::move(params), nullptr);
}

void Reading::completed(const Finished& finished, std::string_view status, std::string_view reason, std::string_view error_class) {
  engine_->count_done(1);
  if (status == "error") {
    ++counts_.errors;
    print_failure(finished, reason, error_class, "error", std::nullopt);
    return;
  }
  ++counts_.parsed;
  const auto& event = *finished.event;
  Parsed line;
  line.event_id = event.id;
  line.tenant_id = event.tenant_id;
  line.trace_id = event.trace_id;
  if (finished.request) line.inbox_item_id = finished.request->inbox_item_id;
  if (finished.fate == Fate::read) line.doc_type = finished.extracted.doc_type;
  line.attempt = event.attempt_count + 1;
  line.bytes = finished.bytes;
  line.duration_ms = finished.took.value_or(base::Milliseconds(0)).count();
  line.lag_ms = event.lag_ms();
  line.has_chunks = status == "parsed" && !finished.extracted.text.empty();
  line.flags = finished.extracted.flags;
  line.status = status == "parsed" ? "parsed" : "duplicate";
  output_.event(line);
}

void Reading::failed(const Finished& finished, std::string_view verdict, std::optional<std::string> next_attempt_at) {
  engine_->count_failed(1);
  ++(verdict == "dead" ? counts_.dead : counts_.retried);
  print_failure(finished, finished.reason, finished.error_class, verdict == "dead" ? "dead" : "retry", std::move(next_attempt_at));
}

void Reading::print_failure(const Finished& finished, std::string_view reason, std::string_view error_class, std::string_view status,
                            std::optional<std::string> next_attempt_at) {
  const auto& event = *finished.event;
  ParseFailed line;
  line.event_id = event.id;
  line.tenant_id = event.tenant_id;
  line.trace_id = event.trace_id;
  if (finished.request) line.inbox_item_id = finished.request->inbox_item_id;
  line.attempt = event.attempt_count + (finished.took ? 1 : 0);
  line.duration_ms = finished.took.value_or(base::Milliseconds(0)).count();
  line.lag_ms = event.lag_ms();
  line.reason = reason;
  line.error_class = error_class;
  line.status = status;
  line.next_attempt_at = std::move(next_attempt_at);
  output_.event(line);
}

void Reading::each_in_flight(const std::function<void(outbox::EventPtr&)>& visit) {
  for (auto& ready : ready_) visit(ready.pending.event);
  for (auto& [job, pending] : flying_) visit(pending.event);
}

void Reading::abandon() {
  for (auto* extractor : extractors()) extractor->client.stop();
  ready_.clear();
  flying_.clear();
}

bool Reading::may_claim() {
  if (!fault_.empty() && config_.service && base::Boottime::now() >= paused_until_) {
    fault_.clear();
    for (auto* extractor : extractors()) extractor->deaths = 0;
  }
  return fault_.empty() && !output_.lost();
}

void Reading::set_fault(std::string fault) {
  fault_ = std::move(fault);
  paused_until_ = base::Boottime::now() + fault_pause;
  if (!config_.service || said_fault_) return;  // a tick says it as it ends
  said_fault_ = true;
  output_.error(fault_error());
}

base::Error Reading::fault_error() const {
  return {base::Outcome::runtime_error, "no document can be read", fault_,
          "inbox-extract must be beside inbox-work, of the same version, and be allowed to run; nothing is charged or lost"};
}

void Reading::tell_walls() {
  const auto walls = light_.client.walls() ? light_.client.walls() : full_.client.walls();
  if (told_walls_ || !walls) return;
  told_walls_ = true;
  std::vector<std::string_view> missing;
  if ((*walls & sandbox::Wall::seccomp) == 0) missing.emplace_back("seccomp");
  if ((*walls & sandbox::Wall::landlock) == 0) missing.emplace_back("Landlock");
  if ((*walls & sandbox::Wall::namespaces) == 0) missing.emplace_back("namespaces");
  if (missing.empty()) return;
  // The filter alone lets no system call through that takes a path or makes a socket; the other two stand behind it.
  output_.log((*walls & sandbox::Wall::seccomp) == 0 ? emit::Level::warning : emit::Level::info, "the extractor's sandbox is weaker than it could be",
              fmt::format("not available here: {}", fmt::join(missing, ", ")), "allow them for this service, or run on a newer kernel");
}

bool Reading::allowed_kind(std::string_view kind) const { return std::ranges::find(config_.kinds, kind) != config_.kinds.end(); }
