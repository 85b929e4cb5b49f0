#include "runtime/directory/directory.hpp"

#include <unordered_set>
#include <utility>

namespace troupe {

std::uint32_t directory::node_id(const std::string& node) {
  auto [at, made] = node_ids_.try_emplace(node, static_cast<std::uint32_t>(nodes_.size()));
  if (made) {
    nodes_.push_back(node);
    counts_.push_back(0);
  }
  return at->second;
}

std::expected<epoch, std::vector<std::string>> directory::reserve(const std::vector<std::string>& names,
                                                                  const std::string& node, std::uint32_t kind) {
  const auto id = node_id(node);
  const epoch since{incarnation_, ++counter_};
  if (names.size() > names_.bucket_count()) {
    names_.reserve(names_.size() + names.size());
  }
  std::vector<std::string> taken;
  std::size_t made = 0;
  for (; made < names.size(); ++made) {
    if (!names_.try_emplace(names[made], entry{id, kind, since}).second) {
      break;
    }
  }
  if (made == names.size()) {
    counts_[id] += made;
    return since;
  }
  for (std::size_t i = 0; i < made; ++i) {
    names_.erase(names[i]);
  }
  std::unordered_set<std::string_view> seen;
  for (const auto& name : names) {
    if (names_.contains(name) || !seen.insert(name).second) {
      taken.push_back(name);
    }
  }
  return std::unexpected(std::move(taken));
}

epoch directory::renew(const std::string& node) {
  const epoch since{incarnation_, ++counter_};
  if (auto known = node_ids_.find(node); known != node_ids_.end()) {
    for (auto& [name, item] : names_) {
      if (item.node == known->second) {
        item.since = since;
      }
    }
  }
  return since;
}

void directory::set_kind(std::string_view name, std::uint32_t kind) {
  if (auto at = names_.find(name); at != names_.end()) {
    at->second.kind = kind;
  }
}

std::vector<held_name> directory::names_of(const std::string& node) const {
  std::vector<held_name> all;
  if (auto known = node_ids_.find(node); known != node_ids_.end()) {
    all.reserve(counts_[known->second]);
    for (const auto& [name, item] : names_) {
      if (item.node == known->second) {
        all.push_back({name, item.kind});
      }
    }
  }
  return all;
}

void directory::begin_census(const std::string& node) { censuses_.try_emplace(node); }

std::optional<std::string> directory::adopt(std::string_view name, const place& at) {
  if (auto open = censuses_.find(at.node); open != censuses_.end() && open->second.contains(std::string{name})) {
    return std::nullopt;
  }
  const auto id = node_id(at.node);
  auto [found, made] = names_.try_emplace(std::string{name}, entry{id, at.kind, at.since});
  if (made) {
    ++counts_[id];
    return std::nullopt;
  }
  auto& now = found->second;
  if (now.node == id) {
    if (now.since < at.since) {
      now = entry{id, at.kind, at.since};
    }
    return std::nullopt;
  }
  if (now.since >= at.since) {
    return at.node;
  }
  --counts_[now.node];
  ++counts_[id];
  const auto other = std::exchange(now, entry{id, at.kind, at.since});
  return nodes_[other.node];
}

void directory::end_census(const std::string& node) { censuses_.erase(node); }

bool directory::release(std::string_view name, std::string_view node) {
  if (!censuses_.empty()) {
    if (auto open = censuses_.find(std::string{node}); open != censuses_.end()) {
      open->second.emplace(name);
    }
  }
  auto at = names_.find(name);
  if (at == names_.end() || nodes_[at->second.node] != node) {
    return false;
  }
  --counts_[at->second.node];
  names_.erase(at);
  return true;
}

std::size_t directory::release_node(const std::string& node) {
  closed_.insert(node);
  censuses_.erase(node);
  auto known = node_ids_.find(node);
  if (known == node_ids_.end()) {
    return 0;
  }
  counts_[known->second] = 0;
  return std::erase_if(names_, [id = known->second](const auto& item) { return item.second.node == id; });
}

std::optional<place> directory::find(std::string_view name) const {
  auto at = names_.find(name);
  if (at == names_.end()) {
    return std::nullopt;
  }
  return place{nodes_[at->second.node], at->second.since, at->second.kind};
}

result<epoch> directory::move(std::string_view name, const place& from, const std::string& to) {
  auto at = names_.find(name);
  if (at == names_.end()) {
    return fail(error_code::not_found, "the name " + std::string{name} + " is not there any more");
  }
  auto& now = at->second;
  if (nodes_[now.node] == to && now.since > from.since) {
    return now.since;
  }
  if (nodes_[now.node] != from.node || now.since != from.since) {
    return fail(error_code::conflict, "the name " + std::string{name} + " is at " + nodes_[now.node] + " by now");
  }
  if (closed_.contains(to)) {
    return fail(error_code::unavailable, "the process " + to + " has ended");
  }
  const auto id = node_id(to);
  --counts_[now.node];
  ++counts_[id];
  now = entry{id, now.kind, epoch{incarnation_, ++counter_}};
  if (auto noted = replicas_.find(name); noted != replicas_.end()) {
    replicas_.erase(noted);
  }
  return now.since;
}

void directory::note_replica(const std::string& name, const place& from, const std::string& where) {
  auto found = find(name);
  if (found && found->node == from.node && found->since == from.since) {
    replicas_[name] = replica{from, where};
  }
}

void directory::drop_replica(std::string_view name, std::string_view where) {
  if (auto at = replicas_.find(name); at != replicas_.end() && at->second.where == where) {
    replicas_.erase(at);
  }
}

std::string directory::replica_of(std::string_view name) const {
  auto at = replicas_.find(name);
  return at == replicas_.end() ? std::string{} : at->second.where;
}

std::vector<std::pair<std::string, place>> directory::promote_replicas(const std::string& dead) {
  std::vector<std::pair<std::string, place>> promoted;
  for (auto at = replicas_.begin(); at != replicas_.end();) {
    const auto current = at++;
    const auto [name, what] = *current;
    if (what.where == dead) {
      replicas_.erase(current);
    } else if (what.from.node == dead) {
      if (auto since = move(name, what.from, what.where)) {
        promoted.emplace_back(name, place{what.where, *since});
      } else {
        replicas_.erase(name);
      }
    }
  }
  return promoted;
}

std::size_t directory::size_of(const std::string& node) const {
  auto known = node_ids_.find(node);
  return known == node_ids_.end() ? 0 : counts_[known->second];
}

} // namespace troupe
