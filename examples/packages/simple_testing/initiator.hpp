#pragma once

#include <troupe/actor.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace simple_testing {

/// Builds a ring of retransmitters, `group_size` in each of `group_count` processes, and starts a message in it.
class initiator : public troupe::actor {
public:
  static void describe(troupe::class_builder<initiator>& builder);

private:
  troupe::async<troupe::reply> start();
  /// The reason of a failure, or an empty text.
  troupe::async<std::string> create_group(std::string node, std::string prefix);
  troupe::async<std::string> link();

  std::int64_t group_count_ = 2;
  std::int64_t group_size_ = 2;
  std::vector<std::string> ring_;
};

} // namespace simple_testing
