#include "runtime/node/name_table.hpp"

#include <mutex>

namespace troupe {

bool name_table::add(const std::string& name, ref_ptr<actor_cell> cell) {
  auto& home = shard_of(name);
  std::lock_guard lock{home.mutex};
  return home.cells.try_emplace(name, std::move(cell)).second;
}

ref_ptr<actor_cell> name_table::find(std::string_view name) const {
  const auto& home = shard_of(name);
  std::shared_lock lock{home.mutex};
  auto at = home.cells.find(name);
  return at == home.cells.end() ? ref_ptr<actor_cell>{} : at->second;
}

name_table::delivery name_table::deliver(std::string_view name, const message_ptr& what, std::uint32_t limit,
                                         bool own) const {
  const auto& home = shard_of(name);
  std::shared_lock lock{home.mutex};
  auto at = home.cells.find(name);
  if (at == home.cells.end()) {
    return delivery::absent;
  }
  auto& cell = *at->second;
  if (own && cell.is_guarded()) {
    return delivery::guarded;
  }
  return cell.deliver(what, limit) ? delivery::done : delivery::full;
}

bool name_table::is_open(std::string_view name) const {
  const auto& home = shard_of(name);
  std::shared_lock lock{home.mutex};
  auto at = home.cells.find(name);
  return at != home.cells.end() && !at->second->is_guarded();
}

void name_table::put(std::string_view name, ref_ptr<actor_cell> cell) {
  auto& home = shard_of(name);
  std::unique_lock lock{home.mutex};
  std::swap(home.cells[std::string{name}], cell);
  lock.unlock(); // the other cell may end here
}

bool name_table::replace(std::string_view name, const actor_cell* old, ref_ptr<actor_cell> cell) {
  auto& home = shard_of(name);
  std::unique_lock lock{home.mutex};
  auto at = home.cells.find(name);
  if (at == home.cells.end() || at->second.get() != old) {
    return false;
  }
  std::swap(at->second, cell);
  lock.unlock(); // the old cell may end here
  return true;
}

void name_table::remove(std::string_view name, const actor_cell* cell) {
  auto& home = shard_of(name);
  ref_ptr<actor_cell> gone;
  std::lock_guard lock{home.mutex};
  if (auto at = home.cells.find(name); at != home.cells.end() && at->second.get() == cell) {
    gone = std::move(at->second);
    home.cells.erase(at);
  }
}

std::vector<ref_ptr<actor_cell>> name_table::take_all() {
  std::vector<ref_ptr<actor_cell>> all;
  for (auto& home : shards_) {
    std::lock_guard lock{home.mutex};
    for (auto& [name, cell] : home.cells) {
      all.push_back(std::move(cell));
    }
    home.cells.clear();
  }
  return all;
}

std::vector<std::string> name_table::names() const {
  std::vector<std::string> all;
  for (const auto& home : shards_) {
    std::shared_lock lock{home.mutex};
    for (const auto& [name, cell] : home.cells) {
      if (!name.starts_with("troupe.")) {
        all.push_back(name);
      }
    }
  }
  return all;
}

void name_table::look_at(std::size_t shard, const std::function<void(const std::string&, const actor_cell&)>& look) const {
  std::shared_lock lock{shards_[shard].mutex};
  for (const auto& [name, cell] : shards_[shard].cells) {
    look(name, *cell);
  }
}

std::size_t name_table::size() const {
  std::size_t total = 0;
  for (const auto& home : shards_) {
    std::shared_lock lock{home.mutex};
    total += home.cells.size();
  }
  return total;
}

} // namespace troupe
