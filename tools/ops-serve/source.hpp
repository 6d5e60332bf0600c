// Something from the database that many requests want at once: fetched by one thread, once for all who wait, and again only when
// somebody asks and it is old.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.hpp"

// `fetch` does not throw and is bounded in time; what went wrong is part of T.
template <class T>
class Source {
 public:
  using Wake = std::function<void()>;

  Source(std::function<T()> fetch, base::Milliseconds fresh_for) : fetch_(std::move(fetch)), fresh_for_(fresh_for), thread_([this] { run(); }) {}
  ~Source() { stop(); }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  // The last one, if it is fresh; else null, and `wake` is called once there is a newer one, from another thread.
  // `before_waiting` is called before that can happen.
  std::shared_ptr<const T> get(const std::function<void()>& before_waiting, Wake wake) {
    const std::scoped_lock lock(mutex_);
    if (stopping_ || (value_ && base::Boottime::now() - fetched_ < fresh_for_)) return value_;
    before_waiting();
    waiting_.push_back(std::move(wake));
    changed_.notify_one();
    return nullptr;
  }

  // The last one, fresh or not; null before the first.
  std::shared_ptr<const T> last() {
    const std::scoped_lock lock(mutex_);
    return value_;
  }

  // Wakes whoever waits, and fetches nothing ever after.
  void stop() {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
      changed_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (!stopping_) {
        lock.unlock();
        auto value = std::make_shared<const T>(fetch_());
        lock.lock();
        value_ = std::move(value);
        fetched_ = base::Boottime::now();
      }
      for (const auto& wake : std::exchange(waiting_, {})) wake();
      if (stopping_) return;
    }
  }

  std::function<T()> fetch_;
  base::Milliseconds fresh_for_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<const T> value_;
  base::Boottime::time_point fetched_{};
  std::vector<Wake> waiting_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses the others
};
