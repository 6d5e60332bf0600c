// Delivery to standard output: the published line is the delivery.
#pragma once

#include "delivery.hpp"

class Stream final : public Delivery {
 public:
  using Delivery::Delivery;

  [[nodiscard]] std::size_t room() override;
  [[nodiscard]] std::size_t in_flight() const override { return 0; }
  void wait(std::vector<pollfd>& others, base::Milliseconds timeout) override;
  void each_in_flight(const std::function<void(outbox::EventPtr&)>& /*visit*/) override {}
  void abandon() override {}
  void looked(const outbox::View& /*view*/) override {}
  [[nodiscard]] bool may_claim() override { return !output().lost(); }
  [[nodiscard]] bool probing() const override { return false; }
  [[nodiscard]] bool give_back() const override { return false; }
  void gave_back(const outbox::Event& /*event*/, outbox::Round& /*round*/) override {}

 private:
  void send(outbox::EventPtr event) override;
  void sent(const Finished& /*finished*/) override {}
  [[nodiscard]] std::string_view transport() const override { return "stdout"; }

  bool blocked_ = false;  // the reader is slow
};
