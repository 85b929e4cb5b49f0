#include <actors/runs/run_places.hpp>

#include <algorithm>
#include <utility>

namespace troupe {

run_places::answer run_places::ask(const std::string& run, const std::string& actor) {
  if (const auto known = turns_.find(run); known != turns_.end()) {
    auto& here = all_.at(known->second);
    here.what.actor = actor;
    here.is_there = true;
    return here.what.held ? answer::held : answer::waits;
  }
  const bool gets_one = has_free() && first_waiting() == all_.end();
  if (!gets_one && waiting() >= most_waiting_) {
    return answer::full;
  }
  turns_[run] = ++last_;
  all_[last_] = {{run, actor, last_, gets_one}, true};
  held_ += gets_one;
  return gets_one ? answer::held : answer::waits;
}

std::map<std::uint64_t, run_places::entry>::iterator run_places::first_waiting() {
  return std::ranges::find_if(all_, [](const auto& one) { return !one.second.what.held && one.second.is_there; });
}

std::optional<run_place> run_places::next() {
  if (!has_free() || waiting() == 0) {
    return std::nullopt;
  }
  const auto first = first_waiting();
  if (first == all_.end()) {
    return std::nullopt;
  }
  first->second.what.held = true;
  ++held_;
  return first->second.what;
}

void run_places::put_back(const std::string& run) {
  const auto known = turns_.find(run);
  if (known == turns_.end()) {
    return;
  }
  auto& here = all_.at(known->second);
  held_ -= std::exchange(here.what.held, false);
  here.is_there = false;
}

bool run_places::leave(const std::string& run) {
  const auto known = turns_.find(run);
  if (known == turns_.end()) {
    return false;
  }
  const auto here = all_.find(known->second);
  held_ -= here->second.what.held;
  all_.erase(here);
  turns_.erase(known);
  return true;
}

void run_places::restore(const std::vector<run_place>& kept) {
  for (const auto& one : kept) {
    turns_[one.run] = one.number;
    all_[one.number] = {one, true};
    held_ += one.held;
    last_ = std::max(last_, one.number);
  }
}

const run_place* run_places::find(const std::string& run) const {
  const auto known = turns_.find(run);
  return known == turns_.end() ? nullptr : &all_.at(known->second).what;
}

std::size_t run_places::position(const std::string& run) const {
  const auto known = turns_.find(run);
  if (known == turns_.end() || all_.at(known->second).what.held) {
    return 0;
  }
  const auto waits = [](const auto& one) { return !one.second.what.held; };
  return static_cast<std::size_t>(std::count_if(all_.begin(), all_.upper_bound(known->second), waits));
}

std::map<std::string, std::size_t> run_places::positions() const {
  std::map<std::string, std::size_t> out;
  for (const auto& [turn, one] : all_) {
    if (!one.what.held) {
      out.emplace(one.what.run, out.size() + 1);
    }
  }
  return out;
}

std::vector<run_place> run_places::held_after(std::uint64_t after, std::size_t most) const {
  std::vector<run_place> out;
  for (auto one = all_.upper_bound(after); one != all_.end() && out.size() < most; ++one) {
    if (one->second.what.held) {
      out.push_back(one->second.what);
    }
  }
  return out.empty() && after > 0 ? held_after(0, most) : out;
}

} // namespace troupe
