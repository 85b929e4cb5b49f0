#include "runtime/supervision/group_plan.hpp"

#include <algorithm>

namespace troupe {

std::optional<group_strategy> parse_group_strategy(std::string_view word) {
  if (word == "one_for_one") {
    return group_strategy::one_for_one;
  }
  if (word == "one_for_all") {
    return group_strategy::one_for_all;
  }
  if (word == "rest_for_one") {
    return group_strategy::rest_for_one;
  }
  return std::nullopt;
}

result<> group_plan::add(actor_group group) {
  for (const auto& other : groups_) {
    if (other.name == group.name) {
      return fail(error_code::bad_request, "there are two groups " + group.name);
    }
  }
  for (auto at = group.actors.begin(); at != group.actors.end(); ++at) {
    const auto* other = of(*at);
    if (other != nullptr || std::find(group.actors.begin(), at, *at) != at) {
      return fail(error_code::bad_request, "the actor " + *at + " of the group " + group.name + " is " +
                                             (other != nullptr ? "in the group " + other->name + " too" : "there twice"));
    }
  }
  groups_.push_back(std::move(group));
  return {};
}

const actor_group* group_plan::of(std::string_view actor) const {
  for (const auto& group : groups_) {
    if (std::ranges::find(group.actors, actor) != group.actors.end()) {
      return &group;
    }
  }
  return nullptr;
}

std::vector<std::string> group_plan::restarted_with(std::string_view actor) const {
  const auto* group = of(actor);
  if (group == nullptr || group->strategy == group_strategy::one_for_one) {
    return {};
  }
  auto first = group->actors.begin();
  if (group->strategy == group_strategy::rest_for_one) {
    first = std::ranges::find(group->actors, actor);
  }
  std::vector<std::string> others{first, group->actors.end()};
  std::erase(others, actor);
  return others;
}

} // namespace troupe
