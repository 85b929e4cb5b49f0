#pragma once

#include <troupe/actor.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace peacepie_example {

/// Builds a circle of dancers over several processes and lets one tick go round.
class circle_starter : public troupe::actor {
public:
  static void describe(troupe::class_builder<circle_starter>& builder);

private:
  struct dancer {
    std::string name;
    std::string node;
  };

  troupe::async<troupe::reply> begin();
  /// Each of these gives the reason of a failure, or an empty text.
  troupe::async<std::string> create_processes();
  troupe::async<std::string> create_dancers();
  troupe::async<std::string> link_dancers();
  /// Removes what was created, after a failure.
  troupe::async<> undo();

  std::int64_t process_count_ = 2;
  std::int64_t dancers_per_process_ = 2;
  double period_ = 1;

  std::vector<std::string> nodes_; ///< the own node first
  std::vector<dancer> dancers_;    ///< all that were created, in the order of the circle
};

} // namespace peacepie_example
