#pragma once

#include "runtime/link/link.hpp"
#include "runtime/node/executor.hpp"

#include <cstddef>
#include <memory>

namespace troupe {

struct caf_engine_options {
  std::size_t workers = 0; ///< threads of the pool; 0: one a core, at least four
  link_options links;
};

/// CAF's actor system underneath a node: its scheduler gives turns to the node's cells, its middleman's event loop
/// carries the links. One per process. `stop` ends the links, then the threads; the node must have stopped before.
class caf_engine {
public:
  explicit caf_engine(caf_engine_options options = {});
  ~caf_engine();

  executor& pool() noexcept;
  link_transport& transport() noexcept;
  void stop();

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace troupe
