#pragma once

#include "nodes/troupe/command_context.hpp"
#include "nodes/troupe/health.hpp"

#include <string>

namespace troupe::cli {

/// Looks at this machine and leaves nothing changed on it. Takes at most some seconds.
machine_facts look_at_machine(const std::string& config_file, const command_context& context);

} // namespace troupe::cli
