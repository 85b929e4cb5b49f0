#pragma once

#include "runtime/scripts/script_options.hpp"

#include <troupe/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// What a request to run a script says.
struct script_run_request {
  std::string input; ///< for standard input: `data` as it was sent, byte for byte; empty without it
  std::vector<std::string> args;
  script_options options;

  /// An empty body says nothing. `bad_request` for what cannot be understood, a field that is not known included.
  static result<script_run_request> read(std::string_view body);
};

/// The text of a field's value in `object`, the text of a JSON object; the last one if there are several. Empty: there is
/// none. `object` is known to be JSON.
std::string_view raw_member(std::string_view object, std::string_view name);

} // namespace troupe
