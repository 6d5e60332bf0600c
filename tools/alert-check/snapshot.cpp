#include "snapshot.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

namespace {

using nlohmann::json;

constexpr std::size_t deepest = 32;
constexpr std::size_t most_keys = 100'000;

// Takes the members of the outermost object, and of the objects in it, one level deep. Returning false ends the parsing.
class Reader : public json::json_sax_t {
 public:
  Snapshot snapshot;

  bool null() override { return other(); }
  bool boolean(bool value) override { return number(value ? 1 : 0); }
  bool number_integer(number_integer_t value) override { return number(static_cast<double>(value)); }
  bool number_unsigned(number_unsigned_t value) override { return number(static_cast<double>(value)); }
  bool number_float(number_float_t value, const string_t& /*text*/) override { return number(value); }
  bool binary(binary_t& /*value*/) override { return false; }
  bool string(string_t& value) override {
    if (keys_.size() == 1 && key_ == "ts") {
      snapshot.ts = base::parse_time(value);
      if (!snapshot.ts) return refuse("json_invalid");
      return true;
    }
    if (keys_.size() == 1 && key_ == "note" && value == "metrics disabled") return refuse("metrics_disabled");
    return other();
  }
  bool start_object(std::size_t /*size*/) override {
    if (keys_.size() + arrays_ >= deepest) return refuse("json_invalid");
    if (keys_.empty() && arrays_ > 0) return refuse("json_invalid");
    if (keys_.size() == 1 && arrays_ == 0) {
      outer_ = key_;
      pending_ = Metric{};
    }
    keys_.emplace_back();
    return true;
  }
  bool key(string_t& key) override {
    if (!keys_.back().insert(key).second) return refuse("duplicate_key");
    if (++seen_ > most_keys) return refuse("too_large");
    key_ = key;
    return true;
  }
  bool end_object() override {
    keys_.pop_back();
    if (keys_.size() == 1 && arrays_ == 0) add(outer_, pending_);
    return true;
  }
  bool start_array(std::size_t /*size*/) override {
    if (keys_.empty() || keys_.size() + ++arrays_ > deepest) return refuse("json_invalid");
    return true;
  }
  bool end_array() override {
    --arrays_;
    return true;
  }
  bool parse_error(std::size_t /*position*/, const std::string& /*token*/, const json::exception& /*error*/) override { return refuse("json_invalid"); }

 private:
  bool refuse(std::string_view problem) {
    if (snapshot.problem.empty()) snapshot.problem = problem;
    return false;
  }
  bool number(double value) {
    if (keys_.empty()) return refuse("json_invalid");  // a bare number is no snapshot
    if (arrays_ > 0) return true;
    const bool usable = std::isfinite(value);
    if (keys_.size() == 1) {
      add(key_, Metric{value, {}, {}, usable});
    } else if (keys_.size() == 2) {
      pending_.usable = pending_.usable && usable;
      if (key_ == "value") pending_.value = value;
      if (key_ == "count") pending_.count = value;
      if (key_ == "sum") pending_.sum = value;
    }
    return true;
  }
  // Neither number nor object: a metric of that name cannot be used.
  bool other() {
    if (keys_.empty()) return refuse("json_invalid");
    if (arrays_ > 0) return true;
    if (keys_.size() == 1) add(key_, Metric{{}, {}, {}, false});
    if (keys_.size() == 2 && (key_ == "value" || key_ == "count" || key_ == "sum")) pending_.usable = false;
    return true;
  }
  void add(const std::string& key, const Metric& metric) {
    const auto name = key.substr(0, key.find('{'));
    const auto [known, is_new] = snapshot.metrics.try_emplace(name, metric);
    if (is_new) return;
    auto& sum = known->second;
    sum.usable = sum.usable && metric.usable;
    const bool counter = name.ends_with("_total");
    const auto plus = [](std::optional<double>& into, const std::optional<double>& more) {
      if (more) into = into.value_or(0) + *more;
    };
    if (counter) {
      plus(sum.value, metric.value);
    } else if (metric.value) {
      sum.value = std::max(sum.value.value_or(*metric.value), *metric.value);
    }
    plus(sum.count, metric.count);
    plus(sum.sum, metric.sum);
  }

  std::vector<std::set<std::string, std::less<>>> keys_;  // of each object that is open
  std::size_t arrays_ = 0;
  std::size_t seen_ = 0;
  std::string key_;
  std::string outer_;
  Metric pending_;
};

}  // namespace

Snapshot parse_snapshot(std::string_view text) {
  Reader reader;
  if (text.size() > snapshot_limit) {
    reader.snapshot.problem = "too_large";
  } else if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    reader.snapshot.problem = "empty";
  } else if (!json::sax_parse(text, &reader) && reader.snapshot.problem.empty()) {
    reader.snapshot.problem = "json_invalid";
  }
  return std::move(reader.snapshot);
}
