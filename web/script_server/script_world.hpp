#pragma once

#include "runtime/scripts/result_cache.hpp"
#include "runtime/scripts/run_queue.hpp"
#include "runtime/scripts/script_shelf.hpp"
#include "runtime/scripts/script_store.hpp"
#include "web/routes/web_world.hpp"

#include <cstddef>
#include <string>

namespace troupe {

/// How the scripts of a server are run.
struct script_rules {
  double timeout_s = 30; ///< of a script that names none
  std::string venv;      ///< of a script that names none; empty: none at all
  run_queue::limits queue;
  result_cache::limits cache;
  std::string venv_builder = "venv_builder";
  double venv_timeout_s = 300;
  double stop_grace_s = 5;
  bool warm = false; ///< start scripts in prepared interpreters
  std::size_t max_output_bytes = 16u << 20; ///< of one run that is answered; what is above is left out
  std::size_t max_body_bytes = 16u << 20;
  std::size_t max_kept_bytes = 256u << 20; ///< data of all runs that wait or are at work
};

/// What the parts of a script server work with, on its thread. Outlives them.
struct script_world {
  web_world web;
  script_rules rules;
  const script_store& store;
  script_shelf& shelf;
  result_cache& cache;
  run_queue& queue;
};

} // namespace troupe
