#pragma once

#include <troupe/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Who restarts with whom in a group.
enum class group_strategy : std::uint8_t {
  one_for_one,  ///< nobody with anybody
  one_for_all,  ///< all others
  rest_for_one, ///< those that stand after it
};

std::optional<group_strategy> parse_group_strategy(std::string_view word);

/// Actors that depend on each other, in the order in which they are made.
struct actor_group {
  std::string name;
  group_strategy strategy = group_strategy::one_for_one;
  std::vector<std::string> actors;
};

/// The groups of a system. Plain data.
class group_plan {
public:
  /// Fails with `bad_request` if the group's name is in use, or an actor is in a group already.
  result<> add(actor_group group);

  /// The group of an actor, or null.
  const actor_group* of(std::string_view actor) const;

  /// Who has to be restarted because `actor` was, in this order.
  std::vector<std::string> restarted_with(std::string_view actor) const;

private:
  std::vector<actor_group> groups_;
};

} // namespace troupe
