#pragma once

#include "tests/system/move_world/beat_run.hpp"
#include "tests/system/move_world/move_world.hpp"

#include <string>
#include <vector>

namespace system_test {

struct chat_options {
  int actors = 100;
  int peers = 3;               ///< that each of them sends to
  double messages_per_s = 1000; ///< of all together
  int burst = 10;              ///< messages of one actor at one time
  int ask_every = 10;          ///< each n-th burst is one ask
  double moves_per_s = 20;
  unsigned seed = 1;
};

/// Many actors on all nodes that send to each other all the time while they are moved about (the soak). The movers live
/// on the main node, which nobody harms.
class chat_run {
public:
  chat_run(const move_world& world, chat_options how);

  void start();
  /// Ends the sending and the moving, and waits until nothing is on its way any more.
  void come_to_rest(milliseconds patience = 60s);
  const move_counts& moves() const noexcept { return counts_; }
  /// Messages that all of them have sent, as they say.
  std::int64_t said() const noexcept { return said_; }
  const std::vector<std::string>& names() const noexcept { return names_; }

private:
  void set(const std::string& actor, const json& params) const;
  json sums() const;

  const move_world& world_;
  chat_options how_;
  std::vector<std::string> names_;
  move_counts counts_;
  std::int64_t said_ = 0;
};

} // namespace system_test
