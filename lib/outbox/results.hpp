// The results of a runner between their end and the commit that completes them: kept when that is lost, and settled again.
#pragma once

#include <algorithm>
#include <iterator>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace outbox {

// Result has a member `event`, which points to one. One round at a time: take(), then committed() or lost().
template <class Result>
class Results {
 public:
  void add(Result result) { waiting_.push_back(std::move(result)); }

  // In the database's hands or still to be: what is not completed yet.
  [[nodiscard]] std::size_t size() const { return waiting_.size() + taken_.size(); }
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  [[nodiscard]] Result& oldest() { return waiting_.front(); }

  // The oldest `count` that wait go into the round.
  void take(std::size_t count) {
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
    taken_.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
    by_id_.clear();
  }
  void take() { take(waiting_.size()); }
  [[nodiscard]] const std::vector<Result>& taken() const { return taken_; }
  // Of those taken; nullptr when there is none.
  [[nodiscard]] const Result* find(std::string_view id) {
    if (by_id_.empty()) {
      for (const auto& result : taken_) by_id_.emplace(result.event->id, &result);
    }
    const auto at = by_id_.find(id);
    return at == by_id_.end() ? nullptr : at->second;
  }

  void committed() {
    by_id_.clear();
    taken_.clear();
    resubmitted_ = false;
  }
  // Whether the round came to its end nobody knows: all of it is to be settled again, before what came since.
  void lost() {
    by_id_.clear();
    std::ranges::move(waiting_, std::back_inserter(taken_));
    waiting_ = std::exchange(taken_, {});
    resubmitted_ = true;
  }
  // Among what is taken may be what an earlier round completed.
  [[nodiscard]] bool resubmitted() const { return resubmitted_; }

 private:
  std::vector<Result> waiting_;
  std::vector<Result> taken_;
  std::unordered_map<std::string_view, const Result*> by_id_;  // of taken_, once one is looked for
  bool resubmitted_ = false;
};

}  // namespace outbox
