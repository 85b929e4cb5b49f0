#include "runtime/node/route_table.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

/// Passes a message of others to the next hop, and lets its sender know of the better way once.
void route_table::pass_over(entry& known, held_message& what, const sender& send, result<>& how, route_work& work) {
  ++known.passed;
  if (!what.from.empty() && std::ranges::find(known.told, what.from) == known.told.end()) {
    known.told.push_back(what.from);
    work.tell = what.from;
    work.place = known.next_hop;
    work.since = known.hop_since;
  }
  how = send(known.next_hop, what);
  if (known.hop_marker == 0) {
    send_marker(known, true, work);
  }
}

void route_table::use_hop(entry& known, const std::string& node, epoch since, const sender& send, route_work& work) {
  known.next_hop = node;
  known.hop_since = since;
  known.hop_marker = 0;
  known.told.clear();
  for (auto& held : std::exchange(known.others_held, {})) {
    result<> how;
    pass_over(known, held, send, how, work);
    if (!how) {
      work.failed.emplace_back(std::move(held), std::move(how.error()));
    }
  }
}

void route_table::send_own(entry& known, const std::string& node, epoch since, const sender& send, route_work& work) {
  known.own = entry::state::known;
  known.node = node;
  known.since = since;
  known.own_marker = 0;
  known.broken = false;
  for (auto& held : std::exchange(known.own_held, {})) {
    if (auto sent = send(node, held); !sent) {
      work.failed.emplace_back(std::move(held), std::move(sent.error()));
    }
  }
}

/// The name is on this node, or nowhere; or it has left again since that was said.
void route_table::bring_home(const std::string& name, entry& known, const sender& send, const home& here,
                             route_work& work) {
  known.own = entry::state::unknown;
  known.own_marker = 0;
  known.home = false;
  if (known.leaving) {
    return;
  }
  if (!known.next_hop.empty()) {
    send_own(known, known.next_hop, known.hop_since, send, work);
    return;
  }
  for (auto* waiting : {&known.others_held, &known.own_held}) {
    for (auto& held : std::exchange(*waiting, {})) {
      if (!here(held)) {
        work.homeless.push_back(std::move(held));
      }
    }
  }
  if (released) {
    released(name);
  }
}

void route_table::retire(entry& known, route_work& work) {
  known.next_hop.clear();
  known.hop_marker = 0;
  known.told.clear();
  let_go(known, work);
}

/// Tells those who wait to take the name, if nothing is passed on any more.
void route_table::let_go(entry& known, route_work& work) {
  if (known.next_hop.empty() && !known.leaving && known.others_held.empty()) {
    for (auto& waiting : std::exchange(known.freed, {})) {
      work.freed.push_back(std::move(waiting));
    }
  }
}

route_table::way route_table::pass_own(const std::string& name, held_message what, const std::function<bool()>& is_here,
                                       const sender& send, result<>& how, route_work& work) {
  auto& home = shard_of(name);
  std::lock_guard lock{home.mutex};
  auto at = home.entries.find(name);
  if (at == home.entries.end() || at->second.is_empty()) {
    if (is_here()) {
      return way::here;
    }
    if (at == home.entries.end()) {
      if (home.entries.size() > most_entries) {
        std::erase_if(home.entries, [](const auto& item) {
          return item.second.own == entry::state::known && item.second.next_hop.empty() && item.second.others_held.empty() &&
                 !item.second.asking && !item.second.leaving;
        });
      }
      at = home.entries.try_emplace(name).first;
    }
  }
  auto& known = at->second;
  if (known.own == entry::state::known && known.broken) {
    flush(known, {}, {}, work);
  }
  if (known.own == entry::state::known) {
    how = send(known.node, what);
    return way::sent;
  }
  if (known.own == entry::state::unknown && !known.asking && !known.leaving && !known.next_hop.empty()) {
    known.own = entry::state::known;
    known.broken = false;
    known.node = known.next_hop;
    known.since = known.hop_since;
    how = send(known.node, what);
    return way::sent;
  }
  if (known.own_held.size() >= most_held) {
    return way::full;
  }
  known.own_held.push_back(std::move(what));
  if (known.own == entry::state::unknown && !known.asking && !known.leaving) {
    known.asking = true;
    work.look_up = true;
  }
  return way::held;
}

route_table::way route_table::pass_on(const std::string& name, held_message what, const home& here, const sender& send,
                                      result<>& how, route_work& work) {
  auto& home = shard_of(name);
  std::lock_guard lock{home.mutex};
  if (here(what)) {
    return way::here;
  }
  auto& known = home.entries[name];
  if (known.next_hop.empty() && !known.leaving && !known.asking) {
    if (known.own == entry::state::known) {
      known.next_hop = known.node;
      known.hop_since = known.since;
    } else if (known.own == entry::state::flushing && !known.hint.empty()) {
      known.next_hop = known.hint;
      known.hop_since = known.hint_since;
    }
  }
  if (!known.next_hop.empty() && !known.leaving) {
    pass_over(known, what, send, how, work);
    return way::sent;
  }
  if (known.others_held.size() >= most_passing_held) {
    return way::full;
  }
  known.others_held.push_back(std::move(what));
  if (!known.asking && !known.leaving) {
    known.asking = true;
    work.look_up = true;
  }
  return way::held;
}

void route_table::resolved(const std::string& name, const std::string& node, epoch since, const sender& send,
                           const home& here, route_work& work) {
  auto& home = shard_of(name);
  std::lock_guard lock{home.mutex};
  auto at = home.entries.find(name);
  if (at == home.entries.end() || !at->second.asking) {
    return;
  }
  auto& known = at->second;
  known.asking = false;
  if (known.leaving) {
    return; // its end knows better
  }
  if (!node.empty() && !(known.home && known.own == entry::state::unknown)) { // an older answer than its arrival, else
    if (!known.others_held.empty()) {
      use_hop(known, node, since, send, work);
    }
    if (known.own == entry::state::unknown && !known.own_held.empty()) {
      send_own(known, node, since, send, work);
    }
  } else if (known.own == entry::state::flushing) {
    for (auto& held : std::exchange(known.others_held, {})) {
      if (!here(held)) {
        work.homeless.push_back(std::move(held));
      }
    }
  } else {
    bring_home(name, known, send, here, work);
  }
  let_go(known, work);
  if (known.is_empty()) {
    home.entries.erase(at);
  }
}

void route_table::told(const std::string& name, const std::string& node, epoch since, const std::string& teller,
                       route_work& work) {
  auto& home = shard_of(name);
  std::lock_guard lock{home.mutex};
  auto at = home.entries.find(name);
  if (at == home.entries.end() || at->second.own != entry::state::known) {
    return;
  }
  auto& known = at->second;
  if (node.empty()) {
    if (known.node == teller) {
      known.own = entry::state::unknown;
      if (known.is_empty()) {
        home.entries.erase(at);
      }
    }
  } else if (since > known.since && node != known.node) {
    flush(known, node == self_ ? std::string{} : node, since, work);
  }
}

bool route_table::may_take(const std::string& name, const std::function<void()>& claim, std::function<void()> freed) {
  auto& home = shard_of(name);
  std::lock_guard lock{home.mutex};
  auto at = home.entries.find(name);
  if (at != home.entries.end() &&
      (!at->second.next_hop.empty() || at->second.leaving || !at->second.others_held.empty())) {
    at->second.freed.push_back(std::move(freed));
    return false;
  }
  claim();
  return true;
}

void route_table::arrive(const std::string& name, const std::function<bool(bool guarded)>& settle, route_work& work) {
  auto& home = shard_of(name);
  std::lock_guard lock{home.mutex};
  auto at = home.entries.find(name);
  if (at == home.entries.end() || at->second.is_empty()) {
    (void)settle(false);
    return;
  }
  auto& known = at->second;
  if (!settle(known.own != entry::state::unknown || !known.own_held.empty())) {
    return;
  }
  known.home = true;
  if (known.own == entry::state::known) {
    flush(known, {}, {}, work);
  }
}

void route_table::begin_leave(const std::string& name) {
  auto& home = shard_of(name);
  std::lock_guard lock{home.mutex};
  auto& known = home.entries[name];
  known.leaving = true;
  known.home = false;
}

void route_table::end_leave(const std::string& name, const std::string& node, epoch since, const sender& send,
                            route_work& work) {
  auto& home = shard_of(name);
  std::lock_guard lock{home.mutex};
  auto& known = home.entries[name];
  known.leaving = false;
  known.asking = false;
  ++known.passed; // what was in the mailbox
  use_hop(known, node, since, send, work);
  if (known.hop_marker == 0) {
    send_marker(known, true, work);
  }
  if (known.own == entry::state::flushing) {
    known.hint = node;
    known.hint_since = since;
  } else {
    send_own(known, node, since, send, work);
  }
}

void route_table::forget(const std::string& name, const std::string& node) {
  auto& home = shard_of(name);
  std::lock_guard lock{home.mutex};
  auto at = home.entries.find(name);
  if (at != home.entries.end() && at->second.own == entry::state::known && (node.empty() || at->second.node == node)) {
    at->second.own = entry::state::unknown;
    if (at->second.is_empty()) {
      home.entries.erase(at);
    }
  }
}

std::vector<std::function<void()>> route_table::forget_node(const std::string& node) {
  route_work work;
  for (auto& home : shards_) {
    std::lock_guard lock{home.mutex};
    for (auto at = home.entries.begin(); at != home.entries.end();) {
      auto& known = at->second;
      if (known.own == entry::state::known && known.node == node) {
        known.own = entry::state::unknown;
      } else if (known.own == entry::state::flushing && known.node == node) {
        known.node.clear();
      }
      if (known.next_hop == node) {
        retire(known, work);
      }
      at = known.is_empty() ? home.entries.erase(at) : std::next(at);
    }
  }
  return std::move(work.freed);
}

route_table::route_table(const route_table& other) : self_(other.self_), markers_(other.markers_.load()) {
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    std::lock_guard lock{other.shards_[i].mutex};
    shards_[i].entries = other.shards_[i].entries;
  }
}

std::size_t route_table::size() const {
  std::size_t total = 0;
  for (const auto& home : shards_) {
    std::lock_guard lock{home.mutex};
    total += home.entries.size();
  }
  return total;
}

} // namespace troupe
