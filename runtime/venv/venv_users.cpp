#include "runtime/venv/venv_users.hpp"

#include <algorithm>
#include <set>

namespace troupe {

const venv_users::use* venv_users::of(const std::string& venv) const {
  const auto found = all_.find(venv);
  return found == all_.end() ? nullptr : &found->second;
}

void venv_users::add(const std::string& venv, user who, bool clean) {
  auto& here = all_[venv];
  here.clean = here.clean || clean;
  const auto same = std::ranges::find(here.users, who.run, &user::run);
  if (same == here.users.end()) {
    here.users.push_back(std::move(who));
  } else if (!who.actor.empty()) {
    same->actor = std::move(who.actor);
  }
}

venv_users::left venv_users::remove(const std::string& venv, const std::string& run) {
  const auto found = all_.find(venv);
  if (found == all_.end() || std::erase_if(found->second.users, [&](const user& one) { return one.run == run; }) == 0) {
    return {};
  }
  if (!found->second.users.empty()) {
    return {true, false};
  }
  const bool clean = found->second.clean;
  all_.erase(found);
  return {true, clean};
}

bool venv_users::is_used_by_others(const std::string& venv, const std::string& run) const {
  const auto* here = of(venv);
  return here != nullptr && std::ranges::any_of(here->users, [&](const user& one) { return one.run != run; });
}

std::vector<std::string> venv_users::runs(const std::string& venv) const {
  std::vector<std::string> out;
  if (const auto* here = of(venv)) {
    for (const auto& one : here->users) {
      out.push_back(one.run);
    }
  }
  return out;
}

bool venv_users::goes_with_last_user(const std::string& venv) const {
  const auto* here = of(venv);
  return here != nullptr && here->clean;
}

std::vector<std::pair<std::string, std::string>> venv_users::of_actor(const std::string& actor) const {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [venv, here] : all_) {
    for (const auto& one : here.users) {
      if (one.actor == actor) {
        out.emplace_back(venv, one.run);
      }
    }
  }
  return out;
}

std::vector<std::string> venv_users::actors() const {
  std::set<std::string> out;
  for (const auto& [venv, here] : all_) {
    for (const auto& one : here.users) {
      if (!one.actor.empty()) {
        out.insert(one.actor);
      }
    }
  }
  return {out.begin(), out.end()};
}

json venv_users::save() const {
  json out = json::object();
  for (const auto& [venv, here] : all_) {
    json users = json::array();
    for (const auto& one : here.users) {
      users.push_back({{"run", one.run}, {"actor", one.actor}});
    }
    out[venv] = {{"users", std::move(users)}, {"clean", here.clean}};
  }
  return out;
}

void venv_users::restore(const json& state) {
  all_.clear();
  if (!state.is_object()) {
    return;
  }
  for (const auto& [venv, here] : state.items()) {
    for (const auto& one : here.at("users")) {
      add(venv, {one.at("run").get<std::string>(), one.at("actor").get<std::string>()}, here.at("clean") == true);
    }
  }
}

} // namespace troupe
