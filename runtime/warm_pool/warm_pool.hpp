#pragma once

#include <runtime/observer/prepared_observers.hpp>
#include <runtime/warm_pool/warm_parents.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

struct warm_pool_options {
  std::size_t most_parents = 4;               ///< 0: no run is warm
  std::size_t seats = 2;                      ///< that wait at each parent
  std::size_t most_waiting = 64;              ///< runs that wait for a seat of one parent; others start in the usual way
  std::chrono::milliseconds patience{500};    ///< of a run that waits
  std::chrono::milliseconds idle{300'000};    ///< a parent that nobody used for so long ends
  std::chrono::milliseconds look{5'000};      ///< how often idle and changed ones are looked for
  std::chrono::milliseconds silence{10'000};  ///< a parent that owes seats and makes none for so long is stuck
  std::chrono::milliseconds after_failure{60'000}; ///< a parent that ends before its first seat is not started again for so long
};

/// What a pool needs of the world beside its parents.
struct warm_pool_world {
  using time_point = std::chrono::steady_clock::time_point;
  std::function<time_point()> now;
  std::function<void(std::chrono::milliseconds, std::function<void()>)> after;
  std::function<std::string(const std::string& python)> stamp = stamp_of_interpreter;
  std::function<void(const std::string&)> log = [](const std::string&) {};
};

/// Keeps prepared interpreters: which are made, replaced, ended, and who gets what they make. The first run of a kind starts
/// in the usual way, and lets its parent be made. Lives on one thread with its parents; its end ends them.
class warm_pool : public prepared_observers {
public:
  warm_pool(warm_parents& parents, warm_pool_world world, warm_pool_options options);
  ~warm_pool() override;

  void take(const run_plan& plan, std::function<void(std::optional<prepared_observer>)> done) override;
  void refused(std::uint64_t source, const std::string& why) override;
  /// Gives nothing away any more, and lets all seats end. Their parents live on, to collect them.
  void end_seats();
  /// After `end_seats`: none is left, and none is on its way.
  bool is_empty() const;
  /// Ends all parents and starts no others.
  void close();

private:
  using answer = std::function<void(std::optional<prepared_observer>)>;
  struct waiter {
    answer done;
    warm_pool_world::time_point until;
  };
  struct entry {
    warm_key key;
    std::string stamp;
    std::unique_ptr<warm_parent> parent;
    std::deque<warm_seat> seats;
    std::deque<waiter> waiting;
    std::size_t ordered = 0;
    bool has_served = false;
    warm_pool_world::time_point used;
    warm_pool_world::time_point heard; ///< when it was last known to work
  };

  entry* find(const warm_key& key, std::uint64_t& id);
  void start(const warm_key& key);
  bool make_room();
  void drop(std::uint64_t id, const std::string& why);
  void order(entry& one);
  void on_seat(std::uint64_t id, warm_seat seat);
  void on_end(std::uint64_t id, const std::string& how);
  void give_up_late(std::uint64_t id);
  void look();

  warm_parents& parents_;
  const warm_pool_world world_;
  const warm_pool_options options_;
  std::map<std::uint64_t, entry> entries_;
  std::vector<std::pair<warm_key, warm_pool_world::time_point>> blocked_; ///< keys that failed, and until when
  std::uint64_t last_id_ = 0;
  bool looks_ = false;
  bool closed_ = false;
  std::vector<unique_fd> ending_; ///< processes of seats that were told to end
  std::shared_ptr<const int> alive_ = std::make_shared<int>(); ///< gone with the pool: timers look at it
};

} // namespace troupe
