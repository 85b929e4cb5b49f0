#pragma once

#include "nodes/troupe/arguments.hpp"
#include "nodes/troupe/command_context.hpp"
#include "nodes/troupe/gateway.hpp"

namespace troupe::cli {

/// What changes an application, its files and its web handlers, or shows these.
attempt<int> change_application(const gateway& system, const app_options& options, command_context& context);

} // namespace troupe::cli
