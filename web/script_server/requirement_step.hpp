#pragma once

#include "web/script_server/script_world.hpp"

#include <troupe/result.hpp>

#include <functional>
#include <string>
#include <vector>

namespace troupe {

/// Has an environment made that holds the packages, unless it is there already. `done` once; its error says why not.
void prepare_requirements(script_world& world, const std::string& venv, const std::vector<std::string>& packages,
                          std::function<void(result<>)> done);

} // namespace troupe
