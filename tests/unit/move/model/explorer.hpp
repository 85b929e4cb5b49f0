#pragma once

#include "tests/unit/move/model/world.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe::move_model {

struct bounds {
  std::size_t states = 1'000'000;
  std::chrono::duration<double> time{60};
  bool shortest = false; ///< looks near the start first, so that the first trace found is a shortest one; takes more memory
};

struct exploration {
  std::size_t states = 0; ///< different ones
  std::size_t ends = 0;   ///< of them without a further step
  bool complete = false;  ///< nothing was left out
  std::string problem;    ///< the first one found; empty: none
  std::vector<std::string> trace; ///< how it came about

  /// One line of figures, or the problem and its trace.
  std::string to_text() const;
};

/// Tries every order of every step of a scenario, each state once, and checks each state.
exploration explore(const scenario& what, const bounds& within);

/// Takes steps at random until none is left, `walks` times or as long as the time allows; the first seed is `seed`.
exploration walk(const scenario& what, std::uint64_t seed, std::size_t walks, std::chrono::duration<double> time);

} // namespace troupe::move_model
