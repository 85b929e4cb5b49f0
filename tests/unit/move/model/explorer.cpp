#include "tests/unit/move/model/explorer.hpp"

#include <algorithm>
#include <deque>
#include <random>
#include <ranges>
#include <unordered_map>

namespace troupe::move_model {

namespace {

using steady = std::chrono::steady_clock;

constexpr std::size_t most_steps = 2000; ///< of a walk; only a planted error makes a message go round for ever

struct visit {
  std::uint32_t before = 0; ///< number of the visit
  step by{};
};

std::vector<std::string> trace_of(const scenario& what, const std::vector<visit>& visits, std::uint32_t at) {
  std::vector<step> steps;
  for (; at != 0; at = visits[at].before) {
    steps.push_back(visits[at].by);
  }
  std::vector<std::string> out;
  world replay{what};
  for (const auto& one : steps | std::views::reverse) {
    out.push_back(replay.to_text(one));
    replay.take(one);
  }
  return out;
}

} // namespace

std::string exploration::to_text() const {
  std::string out = std::to_string(states) + " states, " + std::to_string(ends) + " ends, " + (complete ? "all" : "not all");
  if (!problem.empty()) {
    out += "\n" + problem + ", after " + std::to_string(trace.size()) + " steps:";
    for (const auto& line : trace) {
      out += "\n  " + line;
    }
  }
  return out;
}

exploration explore(const scenario& what, const bounds& within) {
  exploration out;
  std::vector<visit> visits;
  std::unordered_map<std::uint64_t, std::uint32_t> seen;
  std::deque<std::pair<world, std::uint32_t>> open;
  open.emplace_back(world{what}, 0);
  visits.push_back({});
  seen.emplace(open.back().first.fingerprint(), 0);
  const auto until = steady::now() + within.time;
  while (!open.empty()) {
    if (visits.size() >= within.states || ((visits.size() & 255) == 0 && steady::now() > until)) {
      out.states = visits.size();
      return out;
    }
    auto [now, number] = within.shortest ? std::move(open.front()) : std::move(open.back());
    if (within.shortest) {
      open.pop_front();
    } else {
      open.pop_back();
    }
    const auto steps = now.enabled();
    out.problem = now.problem(steps.empty());
    out.ends += steps.empty() ? 1 : 0;
    if (!out.problem.empty()) {
      out.trace = trace_of(what, visits, number);
      out.states = visits.size();
      return out;
    }
    for (const auto& one : steps) {
      world next{now};
      next.take(one);
      if (seen.emplace(next.fingerprint(), visits.size()).second) {
        visits.push_back({number, one});
        open.emplace_back(std::move(next), static_cast<std::uint32_t>(visits.size() - 1));
      }
    }
  }
  out.states = visits.size();
  out.complete = true;
  return out;
}

exploration walk(const scenario& what, std::uint64_t seed, std::size_t walks, std::chrono::duration<double> time) {
  exploration out;
  const auto until = steady::now() + time;
  for (; walks != 0 && steady::now() < until; --walks, ++seed) {
    std::mt19937_64 dice{seed};
    world now{what};
    std::vector<step> taken;
    while (out.problem.empty() && taken.size() < most_steps) {
      const auto steps = now.enabled();
      out.problem = now.problem(steps.empty());
      ++out.states;
      if (steps.empty()) {
        ++out.ends;
        break;
      }
      taken.push_back(steps[dice() % steps.size()]);
      now.take(taken.back());
    }
    if (!out.problem.empty()) {
      out.problem += " (seed " + std::to_string(seed) + ")";
      world replay{what};
      for (const auto& one : taken) {
        out.trace.push_back(replay.to_text(one));
        replay.take(one);
      }
      return out;
    }
  }
  out.complete = walks == 0;
  return out;
}

} // namespace troupe::move_model
