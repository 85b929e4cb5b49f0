#include "actors/head/watch_list.hpp"

#include <algorithm>

namespace troupe {

void watch_list::add(const std::string& entity, const address& watcher) {
  auto& all = watchers_[entity];
  if (std::ranges::find(all, watcher) == all.end()) {
    all.push_back(watcher);
  }
}

bool watch_list::remove(std::string_view entity, const address& watcher) {
  auto at = watchers_.find(entity);
  if (at == watchers_.end() || std::erase(at->second, watcher) == 0) {
    return false;
  }
  if (at->second.empty()) {
    watchers_.erase(at);
  }
  return true;
}

void watch_list::forget_watchers(const std::function<bool(const address& watcher)>& is_gone) {
  for (auto at = watchers_.begin(); at != watchers_.end();) {
    std::erase_if(at->second, is_gone);
    at = at->second.empty() ? watchers_.erase(at) : std::next(at);
  }
}

std::vector<watch_list::notice> watch_list::tell(const std::string& entity, std::string_view command, const json& body,
                                                 bool stays) {
  std::vector<notice> all;
  auto at = watchers_.find(entity);
  if (at == watchers_.end()) {
    return all;
  }
  for (const auto& watcher : at->second) {
    all.push_back({watcher, std::string{command}, body});
  }
  if (!stays) {
    watchers_.erase(at);
  }
  return all;
}

std::vector<watch_list::notice> watch_list::actor_is_down(const std::string& actor, const std::string& reason,
                                                          const std::string& node, bool will_restart, bool stays) {
  return tell(actor, "actor_is_down",
              json{{"entity", actor}, {"reason", reason}, {"node", node}, {"will_restart", will_restart}}, stays);
}

std::vector<watch_list::notice> watch_list::node_is_down(const std::string& node, const std::string& reason,
                                                         bool will_restart, bool stays) {
  return tell(node, "node_is_down", json{{"node", node}, {"reason", reason}, {"will_restart", will_restart}}, stays);
}

std::vector<std::string> watch_list::watched() const {
  std::vector<std::string> all;
  for (const auto& [entity, watchers] : watchers_) {
    all.push_back(entity);
  }
  return all;
}

} // namespace troupe
