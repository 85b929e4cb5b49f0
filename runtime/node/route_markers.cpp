// Markers: what follows everything that went one way, before another is taken.
#include "runtime/node/route_table.hpp"

#include <utility>

namespace troupe {

void route_table::send_marker(entry& known, bool for_others, route_work& work) {
  const auto serial = ++markers_;
  if (for_others) {
    known.hop_marker = serial;
    known.passed_at_marker = known.passed;
    work.markers.push_back({known.next_hop, serial});
  } else {
    known.own_marker = serial;
    work.markers.push_back({known.node, serial});
  }
}

void route_table::flush(entry& known, const std::string& hint, epoch since, route_work& work) {
  known.own = entry::state::flushing;
  known.broken = false;
  known.broken_markers = 0;
  known.hint = hint;
  known.hint_since = since;
  send_marker(known, false, work);
}

void route_table::give_up_way(entry& known, route_work& work) {
  known.own = entry::state::unknown;
  known.own_marker = 0;
  if (!known.asking && !known.leaving) {
    known.asking = true;
    work.look_up = true;
  }
}

bool route_table::marker_broke(const std::string& name, std::uint64_t serial, const sender& send, const home& here,
                               route_work& work) {
  {
    auto& home = shard_of(name);
    std::lock_guard lock{home.mutex};
    auto at = home.entries.find(name);
    if (at != home.entries.end() && at->second.own == entry::state::flushing && at->second.own_marker == serial &&
        !at->second.node.empty() && at->second.broken_markers < most_broken_markers) {
      return true;
    }
  }
  flushed(name, serial, false, {}, {}, send, here, work);
  return false;
}

void route_table::mark_again(const std::string& name, std::uint64_t serial, route_work& work) {
  auto& home = shard_of(name);
  std::lock_guard lock{home.mutex};
  auto at = home.entries.find(name);
  if (at == home.entries.end() || at->second.own != entry::state::flushing || at->second.own_marker != serial) {
    return;
  }
  auto& known = at->second;
  if (known.node.empty()) {
    give_up_way(known, work); // it has turned out that the node is gone
  } else {
    ++known.broken_markers;
    send_marker(known, false, work);
  }
}

void route_table::flushed(const std::string& name, std::uint64_t serial, bool ok, const std::string& node, epoch since,
                          const sender& send, const home& here, route_work& work) {
  auto& home = shard_of(name);
  std::lock_guard lock{home.mutex};
  auto at = home.entries.find(name);
  if (at == home.entries.end()) {
    return;
  }
  auto& known = at->second;
  if (known.own == entry::state::flushing && known.own_marker == serial) {
    if (!ok) {
      give_up_way(known, work);
    } else if (node == self_ || known.home) { // whoever answered: it has come here with all that it had then
      bring_home(name, known, send, here, work);
    } else {
      send_own(known, node, since, send, work);
    }
  }
  if (!known.next_hop.empty() && known.hop_marker == serial) {
    if (!ok || known.passed == known.passed_at_marker) {
      retire(known, work);
    } else {
      send_marker(known, true, work);
    }
  }
  let_go(known, work);
  if (known.is_empty()) {
    home.entries.erase(at);
  }
}

void route_table::doubt_node(const std::string& node) {
  for (auto& home : shards_) {
    std::lock_guard lock{home.mutex};
    for (auto& [name, known] : home.entries) {
      known.broken |= known.own == entry::state::known && known.node == node;
    }
  }
}

} // namespace troupe
