#pragma once

#include "runtime/config/settings.hpp"
#include "runtime/node/node_options.hpp"

#include <cstdint>
#include <string>

namespace troupe {

/// Who a process of the system is.
struct node_identity {
  std::string node;
  std::uint32_t incarnation = 1;
};

/// `<host>.<main>.daemon`: the host daemon among the nodes; never shown to users.
std::string daemon_node_of(const settings& config);

/// The options of a node from the system's settings; `print` and `log` are the caller's to set.
node_options make_node_options(const settings& config, const node_identity& who);

} // namespace troupe
