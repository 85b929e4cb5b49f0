#pragma once

#include <runtime/observer/run_result.hpp>
#include <runtime/process/unique_fd.hpp>

#include <optional>
#include <string>

namespace troupe {

/// Takes the lock of a run's folder, which is made if it is not there; nothing while its observer lives. Who holds it
/// reads the result for good: no observer can start or end a run in this folder meanwhile.
unique_fd take_run_lock(const std::string& folder);

/// The result that is kept in the run's folder.
std::optional<run_result> kept_result(const std::string& folder);

/// Whole or not at all; `more` is kept with it. A power failure may lose it, as it loses the run. False with `errno`.
bool keep_result(const std::string& folder, const run_result& what, const json& more);

} // namespace troupe
