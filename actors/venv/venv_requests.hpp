#pragma once

#include <troupe/json.hpp>
#include <troupe/reply.hpp>

#include <expected>
#include <string>
#include <vector>

namespace troupe {

/// What the messages to a builder say, checked for shape; `reply` is the `bad_request` for what does not fit.
struct venv_request {
  std::string name;
  bool clean = false;
  std::string run;   ///< the run that asks, or that the environment is for
  std::string actor; ///< of that run
  std::vector<std::string> packages;
  bool latest = false;
};

/// The fields of a body that a command takes.
struct venv_fields {
  bool name_needed = true; ///< else the default environment is meant without one
  bool clean = false;
  bool run_needed = false;
  bool packages = false;
};

std::expected<venv_request, reply> read_venv_request(const json& body, const venv_fields& wanted,
                                                     const std::string& default_name);

} // namespace troupe
