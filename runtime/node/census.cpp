// What lives on this node, for a head that comes after a killed one.
#include "runtime/node/local_node.hpp"

#include <algorithm>

namespace troupe {

namespace {
constexpr std::size_t entry_overhead = 256; ///< bytes of a census entry beside its texts
}

json local_node::census(const std::string& from, std::size_t most) const {
  auto names = actor_names();
  std::erase_if(names, [&](const std::string& name) { return name <= from; });
  const auto count = std::min(most, names.size());
  std::ranges::partial_sort(names, names.begin() + static_cast<std::ptrdiff_t>(count));
  const auto budget = options_.message_limit / 2;
  json actors = json::array();
  std::size_t taken = 0;
  std::size_t bytes = 0;
  for (; taken < count && bytes < budget; ++taken) {
    const auto cell = names_.find(names[taken]);
    // A name that is not reserved yet is asked for over the link by which this census goes.
    if (!cell || cell->since() == epoch{}) {
      continue;
    }
    const auto& desc = cell->of().desc;
    bytes += names[taken].size() + desc.requires_dist.size() + desc.class_name.size() + entry_overhead;
    actors.push_back(json{{"name", names[taken]},
                          {"epoch", cell->since().to_json()},
                          {"class_desc", desc.to_json()},
                          {"supervision", cell->of().supervision.to_json()}});
  }
  return json{{"actors", std::move(actors)}, {"next", taken < names.size() ? json(names[taken - 1]) : json(nullptr)}};
}

} // namespace troupe
