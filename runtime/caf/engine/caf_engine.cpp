#include "runtime/caf/engine/caf_engine.hpp"

#include "runtime/caf/engine/caf_executor.hpp"
#include "runtime/caf/transport/caf_link_transport.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>
#include <caf/io/middleman.hpp>

#include <algorithm>
#include <thread>

namespace troupe {

namespace {

struct engine_config : caf::actor_system_config {
  explicit engine_config(std::size_t workers) {
    load<caf::io::middleman>();
    // `stealing`, the default, polls while idle and delays what comes from the network.
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", workers);
    set("middleman.workers", std::size_t{0});
  }
};

std::size_t workers_of(const caf_engine_options& options) {
  return options.workers != 0 ? options.workers : std::max<std::size_t>(4, std::thread::hardware_concurrency());
}

} // namespace

struct caf_engine::state {
  explicit state(const caf_engine_options& options)
    : config(workers_of(options)), system(config), pool(system), transport(system, options.links) {}

  engine_config config;
  caf::actor_system system;
  caf_executor pool;
  caf_link_transport transport;
};

caf_engine::caf_engine(caf_engine_options options) {
  state_ = std::make_unique<state>(options);
}

caf_engine::~caf_engine() = default;

executor& caf_engine::pool() noexcept { return state_->pool; }

link_transport& caf_engine::transport() noexcept { return state_->transport; }

void caf_engine::stop() { state_->transport.stop(); }

} // namespace troupe
