#pragma once

#include "actors/head/boot_plan.hpp"
#include "runtime/config/settings.hpp"

namespace troupe {

/// What the settings ask the system to start with. Fails with `bad_request` for an address that is none.
result<boot_plan> boot_plan_of(const settings& config);

} // namespace troupe
