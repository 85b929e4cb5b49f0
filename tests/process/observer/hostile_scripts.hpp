#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace troupe {

/// A script that does what it should not, and how a run of it may end.
struct hostile_script {
  const char* name;
  const char* language; ///< "python" or "sh"
  const char* text;
  std::vector<std::string> outcomes; ///< as `to_string(run_outcome)`
  const char* reason = "";           ///< must be in the reason
  bool has_input = false;            ///< its standard input is open, and stays so
};

const std::vector<hostile_script>& hostile_scripts();

} // namespace troupe
