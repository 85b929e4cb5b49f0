#pragma once

#include "script_process.hpp"

#include <runtime/observer/run_plan.hpp>
#include <runtime/process/unique_fd.hpp>

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace troupe {

/// A Python interpreter that has started and waits to become a script: a child of this observer, born before it by the same
/// parent (`runtime/warm_pool/python/warm_parent.py`), in a session and, if there is one, in the namespace of its own. It
/// ends with this observer, and is used once.
struct warm_child {
  pid_t pid = -1;
  unique_fd word;   ///< tells it what to become
  unique_fd answer; ///< "+" when it begins, else why it cannot, or nothing at all
  script_process ends;
};

/// Lets it become the script of the plan, within its limits. Nothing if it cannot: then it is dead and `why_not` says why,
/// the script has not begun, and can be started in the usual way.
std::optional<script_process> become_script(warm_child& child, const run_plan& plan, const std::string& work_folder,
                                            const script_place& where, std::string& why_not);

} // namespace troupe
