// What both transports have in common: which events are not sent at all, and what becomes of a result.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "config.hpp"
#include "emit/output.hpp"
#include "outbox/engine.hpp"
#include "outbox/results.hpp"

struct Counts {
  std::int64_t sent = 0;
  std::int64_t retried = 0;
  std::int64_t dead = 0;
  std::int64_t given_back = 0;
};

class Delivery : public outbox::Work {
 public:
  Delivery(Config& config, emit::Output& output) : config_(config), output_(output) {}

  // The engine takes the work, the work tells the engine: set once, before it runs.
  void attach(outbox::Engine& engine) { engine_ = &engine; }
  [[nodiscard]] const Counts& counts() const { return counts_; }

  void start(outbox::EventPtr event) final;
  [[nodiscard]] std::size_t unsettled() const final { return results_.size(); }
  void settle(outbox::Round& round) final;
  void settle_lost() final { results_.lost(); }

 protected:
  enum class Fate { sent, failed, dead };

  struct Finished {
    outbox::EventPtr event;
    Fate fate = Fate::sent;
    std::string reason;
    std::optional<int> http_status;
    std::optional<base::Milliseconds> took;  // nullopt: nothing was sent
    base::Milliseconds retry_after{0};
    base::Boottime::time_point began;
    bool endpoint_fault = false;
  };

  virtual void send(outbox::EventPtr event) = 0;
  // Called for a result that the database has taken.
  virtual void sent(const Finished& finished) = 0;
  // More for the round, after the results: `delivered` when one of them was, `failing` those that failed at the endpoint since.
  virtual void add_more(outbox::Round& /*round*/, bool /*delivered*/, const std::vector<const Finished*>& /*failing*/) {}

  void finish(Finished finished) { results_.add(std::move(finished)); }
  void count_sent() {
    ++counts_.sent;
    engine().count_done(1);
  }
  outbox::Engine& engine() { return *engine_; }
  Config& config() { return config_; }
  emit::Output& output() { return output_; }
  [[nodiscard]] virtual std::string_view transport() const = 0;
  [[nodiscard]] virtual std::optional<std::int64_t> endpoint() const { return std::nullopt; }

 private:
  void add_sent(outbox::Round& round);
  void add_failed(outbox::Round& round);
  void failed(const Finished& finished, std::string_view verdict, std::optional<std::string> next_attempt_at);

  Config& config_;
  emit::Output& output_;
  outbox::Engine* engine_ = nullptr;
  outbox::Results<Finished> results_;
  std::mt19937_64 random_{std::random_device{}()};
  Counts counts_;
};
