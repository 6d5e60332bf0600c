// The work of inbox-work: opens documents, has them extracted, and settles what comes of it.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "config.hpp"
#include "document.hpp"
#include "emit/output.hpp"
#include "outbox/engine.hpp"
#include "outbox/results.hpp"
#include "sandbox/client.hpp"
#include "storage/storage.hpp"

struct Counts {
  std::int64_t parsed = 0;
  std::int64_t errors = 0;
  std::int64_t retried = 0;
  std::int64_t dead = 0;
};

class Reading final : public outbox::Work {
 public:
  Reading(Config& config, emit::Output& output);

  // The engine takes the work, the work tells the engine: set once, before it runs.
  void attach(outbox::Engine& engine) { engine_ = &engine; }
  [[nodiscard]] const Counts& counts() const { return counts_; }
  // Why no document can be read by our own fault; empty when one can.
  [[nodiscard]] const std::string& fault() const { return fault_; }
  [[nodiscard]] base::Error fault_error() const;

  [[nodiscard]] std::size_t room() override;
  void start(outbox::EventPtr event) override;
  [[nodiscard]] std::size_t in_flight() const override { return ready_.size() + flying_.size(); }
  void wait(std::vector<pollfd>& others, base::Milliseconds timeout) override;
  [[nodiscard]] std::size_t unsettled() const override { return results_.size(); }
  void settle(outbox::Round& round) override;
  void settle_lost() override { results_.lost(); }
  [[nodiscard]] bool data_refused() override;
  void each_in_flight(const std::function<void(outbox::EventPtr&)>& visit) override;
  void abandon() override;
  void looked(const outbox::View& /*view*/) override {}
  [[nodiscard]] bool may_claim() override;
  [[nodiscard]] bool probing() const override { return false; }
  [[nodiscard]] bool give_back() const override { return !fault_.empty(); }
  void gave_back(const outbox::Event& /*event*/, outbox::Round& /*round*/) override {}

 private:
  enum class Fate { read, refused, failed, dead };

  struct Extractor {
    sandbox::Client client;
    int deaths = 0;  // with no answer between
  };

  struct Finished {
    outbox::EventPtr event;
    std::optional<DocumentRequest> request;
    Fate fate = Fate::read;
    Extracted extracted;
    std::string reason;
    std::string error_class;
    std::int64_t bytes = 0;
    std::optional<base::Milliseconds> took;  // nullopt: never tried
    base::Boottime::time_point began;
  };

  struct Ready {
    Finished pending;
    base::Fd document;
    Extractor* extractor = nullptr;
  };

  struct Landed {
    Finished finished;
    sandbox::Answer answer;
    Extractor* extractor = nullptr;
  };

  void open(Finished pending, Extractor& extractor);
  void submit_ready();
  void submit(Ready next);
  void answered(Finished finished, const sandbox::Answer& answer, Extractor& extractor);
  void judge(Finished& finished, const sandbox::Answer& answer);
  void process_failed(Finished& finished, std::string_view reason, std::string_view error_class);
  void io_failed(Finished& finished, std::string_view error_class);
  void refuse(Finished finished, std::string_view reason, std::string_view error_class);
  void finish(Finished finished) { results_.add(std::move(finished)); }

  void add_complete(outbox::Round& round);
  void add_failed(outbox::Round& round);
  void add_burial(outbox::Round& round);
  void completed(const Finished& finished, std::string_view status, std::string_view reason, std::string_view error_class);
  void failed(const Finished& finished, std::string_view verdict, std::optional<std::string> next_attempt_at);
  void print_failure(const Finished& finished, std::string_view reason, std::string_view error_class, std::string_view status,
                     std::optional<std::string> next_attempt_at);

  void set_fault(std::string fault);
  void tell_walls();
  [[nodiscard]] std::array<Extractor*, 2> extractors() { return {&light_, &full_}; }
  [[nodiscard]] std::size_t jobs() const { return static_cast<std::size_t>(config_.jobs); }
  [[nodiscard]] bool allowed_kind(std::string_view kind) const;

  Config& config_;
  emit::Output& output_;
  outbox::Engine* engine_ = nullptr;
  storage::Storage storage_;
  Extractor light_;                           // of what is declared as XML, JSON, a table or a picture
  Extractor full_;                            // of all else, and of what the other one cannot read
  std::deque<Ready> ready_;                   // opened, and waiting for a process
  std::map<std::uint64_t, Finished> flying_;  // by job
  std::uint64_t next_job_ = 1;
  outbox::Results<Finished> results_;
  std::size_t one_by_one_ = 0;  // so many of the oldest results go into a round of their own: one of them is refused by the database
  std::mt19937_64 random_{std::random_device{}()};
  Counts counts_;
  std::string fault_;
  base::Boottime::time_point paused_until_{};
  bool told_walls_ = false;
  bool said_fault_ = false;
};
