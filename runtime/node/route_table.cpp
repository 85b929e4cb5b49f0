#include "runtime/node/route_table.hpp"

namespace troupe {

route_table::found route_table::pass(const std::string& name, held_message what, bool fresh,
                                     const std::function<void(const std::string&, held_message&)>& use) {
  auto& home = shard_of(name);
  std::lock_guard lock{home.mutex};
  if (home.entries.size() > most_entries) {
    std::erase_if(home.entries, [](const auto& item) { return !item.second.node.empty(); });
  }
  auto [at, made] = home.entries.try_emplace(name);
  auto& known = at->second;
  if (!known.node.empty()) {
    if (!fresh) {
      use(known.node, what);
      return found::known;
    }
    known.node.clear();
    made = true;
  }
  if (known.held.size() >= most_held) {
    return found::full;
  }
  known.held.push_back(std::move(what));
  return made ? found::asking : found::waiting;
}

void route_table::settle(const std::string& name, const std::string& node,
                         const std::function<void(const std::string&, held_message&)>& use) {
  auto& home = shard_of(name);
  std::lock_guard lock{home.mutex};
  auto at = home.entries.find(name);
  if (at == home.entries.end()) {
    return;
  }
  auto held = std::move(at->second.held);
  at->second.held.clear();
  if (node.empty()) {
    home.entries.erase(at);
  } else {
    at->second.node = node;
  }
  for (auto& what : held) {
    use(node, what);
  }
}

void route_table::forget(const std::string& name, const std::string& node) {
  auto& home = shard_of(name);
  std::lock_guard lock{home.mutex};
  auto at = home.entries.find(name);
  if (at != home.entries.end() && !at->second.node.empty() && (node.empty() || at->second.node == node)) {
    home.entries.erase(at);
  }
}

void route_table::forget_node(const std::string& node) {
  for (auto& home : shards_) {
    std::lock_guard lock{home.mutex};
    std::erase_if(home.entries, [&](const auto& item) { return item.second.node == node; });
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
