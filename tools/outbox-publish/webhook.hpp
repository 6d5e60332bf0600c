// Delivery by HTTPS POST, with the breaker of the endpoint.
#pragma once

#include <string>
#include <vector>

#include "delivery.hpp"
#include "http/client.hpp"

class Webhook final : public Delivery {
 public:
  Webhook(Config& config, emit::Output& output);

  [[nodiscard]] std::size_t room() override;
  [[nodiscard]] std::size_t in_flight() const override { return flying_.size(); }
  void wait(std::vector<pollfd>& others, base::Milliseconds timeout) override;
  void each_in_flight(const std::function<void(outbox::EventPtr&)>& visit) override;
  void abandon() override { flying_.clear(); }
  void looked(const outbox::View& view) override;
  [[nodiscard]] bool may_claim() override;
  [[nodiscard]] bool probing() const override { return open_; }
  [[nodiscard]] bool give_back() const override { return open_ || !fault_.empty(); }
  void gave_back(const outbox::Event& event, outbox::Round& round) override;

  // Why nothing can be sent by our own fault; empty when something can.
  [[nodiscard]] const std::string& fault() const { return fault_; }

 private:
  void send(outbox::EventPtr event) override;
  void sent(const Finished& finished) override;
  void add_more(outbox::Round& round, bool delivered, const std::vector<const Finished*>& failing) override;
  [[nodiscard]] std::string_view transport() const override { return "webhook"; }
  [[nodiscard]] std::optional<std::int64_t> endpoint() const override;
  [[nodiscard]] http::Headers headers(const outbox::Event& event) const;
  void answered(http::Answer answer);
  void set_fault(const std::string& reason);
  void set_open(bool open, const std::string& reason, std::optional<std::string> until);

  struct Flight {
    std::uint64_t tag;
    outbox::EventPtr event;
    base::Boottime::time_point began;
  };

  http::Client client_;
  std::vector<Flight> flying_;
  std::uint64_t next_tag_ = 1;
  bool open_ = false;
  std::string fault_;
  base::Boottime::time_point paused_until_{};
  bool said_fault_ = false;
  bool said_trouble_ = false;
};
