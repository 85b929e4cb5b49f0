#include "runtime/store/store_content.hpp"

#include <set>

namespace troupe {

store_content after_orderly_end(store_content all) {
  std::set<std::uint32_t> kept_kinds;
  std::erase_if(all.kinds, [](const kind_row& kind) { return !kind.persist; });
  for (const auto& kind : all.kinds) {
    kept_kinds.insert(kind.kind);
  }
  std::set<std::string> needed;
  std::erase_if(all.actors, [&](const actor_row& actor) { return !kept_kinds.contains(actor.kind); });
  for (const auto& actor : all.actors) {
    needed.insert(actor.node);
  }
  std::erase_if(all.processes, [&](const process_row& row) { return !row.persist && !needed.contains(row.node); });
  for (auto& row : all.processes) {
    row.restarts = 0;
  }
  all.booted = false;
  all.next_number = 0;
  return all;
}

} // namespace troupe
