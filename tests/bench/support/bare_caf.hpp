#pragma once

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>
#include <caf/io/middleman.hpp>

#include <algorithm>
#include <thread>

namespace bench {

/// A bare CAF program as the runtime configures its own: the baseline.
struct bare_caf_config : caf::actor_system_config {
  bare_caf_config() {
    load<caf::io::middleman>();
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::max<std::size_t>(4, std::thread::hardware_concurrency()));
    set("middleman.workers", std::size_t{0});
  }
};

} // namespace bench
