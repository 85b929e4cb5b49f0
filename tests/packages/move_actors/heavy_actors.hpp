#pragma once

#include "witness.hpp"

#include <atomic>
#include <thread>

namespace move_actors {

/// Jumps to another node each `period`, for ever (PEACEPIE 12.10).
class ball : public witness {
public:
  static void describe(troupe::class_builder<ball>& builder);

private:
  troupe::reply start();
  troupe::async<> jump();
  void jump_to(const std::string& node);
  troupe::reply where();
  void note_accepted();

  double period_ = 4;
  std::int64_t jumps_ = 0; ///< asked for
  std::string problem_;
};

/// Uses up `remaining_time` seconds of CPU in a thread of its own, here or wherever it was moved to.
class burner : public witness {
public:
  static void describe(troupe::class_builder<burner>& builder);
  ~burner() override;
  troupe::async<> moved() override;
  troupe::async<> exit() override;

private:
  troupe::reply start();
  troupe::reply left();
  void burn();
  void halt();

  double remaining_ = 60;
  bool burns_ = false;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

/// A state of `size` bytes with its sum, and the times that tell how long a move has kept it from its messages.
class ballast : public witness {
public:
  static void describe(troupe::class_builder<ballast>& builder);
  troupe::json save() const override;
  void restore(const troupe::json& state) override;

private:
  troupe::reply load(const troupe::message& what);
  troupe::reply weigh();
  troupe::async<> hold(const troupe::message& what);
  void hit(const troupe::message& what);
  troupe::reply pause();

  std::string load_;
  std::uint64_t sum_ = 0;
  std::int64_t hits_ = 0;
  double held_until_ = 0; ///< seconds of CLOCK_MONOTONIC: the last handler before the move has ended
  double first_hit_ = 0;  ///< the first message after it
  std::string held_at_;
  std::string first_hit_at_;
};

} // namespace move_actors
