#pragma once

#include <filesystem>

namespace troupe {

/// Environments are filled from outside and have no pip of their own. Lays a `pip` that says how to install, so that
/// `python -m pip` and `pip` are no riddle; one that is there, or is installed later, is the real one. What cannot be laid
/// is left out.
void lay_pip_shim(const std::filesystem::path& venv);

} // namespace troupe
