#include "nodes/common/node_setup.hpp"

#include <algorithm>
#include <limits>

namespace troupe {

std::string daemon_node_of(const settings& config) { return config.host + "." + config.main_process + ".daemon"; }

node_options make_node_options(const settings& config, const node_identity& who) {
  node_options options;
  options.system = config.system;
  options.node = who.node;
  options.daemon_node = daemon_node_of(config);
  options.head = config.main_node();
  options.incarnation = who.incarnation;
  options.run_folder = config.folders.run.string();
  options.mailbox_limit = static_cast<std::uint32_t>(
    std::min<std::uint64_t>(config.limits.mailbox, std::numeric_limits<std::uint32_t>::max()));
  options.message_limit = config.limits.message_bytes;
  options.ask_timeout_s = config.limits.ask_timeout_s;
  options.exit_hook_s = config.exit_hook_s;
  options.stuck_after_s = config.supervision.stuck_after_s;
  options.log_messages = config.log.level == "debug" || config.log.level == "trace";
  return options;
}

} // namespace troupe
