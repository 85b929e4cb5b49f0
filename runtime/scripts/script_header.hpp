#pragma once

#include <troupe/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// What the comment block `# /// script` of a Python script asks for (PEP 723, inline script metadata). Of its TOML only
/// the list of texts `dependencies` is read.
struct script_header {
  std::vector<std::string> requirements;

  /// Without a block: nothing is asked for. `bad_request` for two blocks, one without an end, a list that cannot be read,
  /// and for what is no package.
  static result<script_header> read(std::string_view code);

  /// The environment that has these requirements, and is used by all scripts that ask for the same.
  std::string venv_name() const;
};

} // namespace troupe
