#pragma once

#include <troupe/json.hpp>
#include <troupe/result.hpp>

#include <map>
#include <optional>
#include <string>

namespace troupe {

/// How a script is run; what is not given comes from the server. Kept with a script, and given with a request.
struct script_options {
  std::optional<std::string> venv;
  std::optional<double> timeout_s; ///< below 0: none
  std::optional<double> memory_mb; ///< below 0: no limit
  std::map<std::string, std::string> env;

  bool is_empty() const { return !venv && !timeout_s && !memory_mb && env.empty(); }

  /// The fields `venv`, `timeout`, `memoryLimit` and `env` of an object, of which null is as good as none. Fails with
  /// `bad_request`.
  static result<script_options> from_json(const json& object);
  json to_json() const;

  /// These where they say something, else `below`; variables of both.
  script_options over(const script_options& below) const;
};

/// Whether a field belongs to the options.
bool is_script_option(const std::string& field);

} // namespace troupe
