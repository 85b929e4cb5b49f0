#include "actors/head/settle_list.hpp"

#include <vector>

namespace troupe {

void settle_list::unsettle(const std::string& node, std::string reason) { nodes_[node] = state{std::move(reason)}; }

void settle_list::admin_is_up(const std::string& node) {
  if (auto at = nodes_.find(node); at != nodes_.end()) {
    at->second.admin_up = true;
    at->second.hopeless = false;
    tell(node, true, {});
  }
}

void settle_list::settle(const std::string& node) {
  if (nodes_.erase(node) != 0) {
    tell(node, false, {});
  }
}

void settle_list::give_up(const std::string& node, std::string reason) {
  nodes_[node] = state{reason, false, true};
  tell(node, false, reason);
}

bool settle_list::is_settled(const std::string& node, bool admin) const {
  auto at = nodes_.find(node);
  return at == nodes_.end() || (admin && at->second.admin_up);
}

std::uint64_t settle_list::wait(const std::string& node, bool admin, told done) {
  auto at = nodes_.find(node);
  if (is_settled(node, admin)) {
    done({});
    return 0;
  }
  if (at->second.hopeless) {
    done(at->second.reason);
    return 0;
  }
  waiting_.emplace(++last_, waiting{node, admin, std::move(done)});
  return last_;
}

void settle_list::time_out(std::uint64_t number) {
  auto taken = waiting_.extract(number);
  if (!taken.empty()) {
    auto at = nodes_.find(taken.mapped().node);
    taken.mapped().done(at == nodes_.end() ? std::string{} : at->second.reason);
  }
}

/// Those who are told may wait anew.
void settle_list::tell(const std::string& node, bool admins_only, const std::string& why_not) {
  std::vector<told> all;
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    if (at->second.node == node && (at->second.admin || !admins_only)) {
      all.push_back(std::move(at->second.done));
      at = waiting_.erase(at);
    } else {
      ++at;
    }
  }
  for (auto& done : all) {
    done(why_not);
  }
}

} // namespace troupe
