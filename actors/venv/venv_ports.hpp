#pragma once

#include <runtime/observer/run_host.hpp>
#include <runtime/venv/venv_tools.hpp>

#include <filesystem>
#include <map>
#include <string>

namespace troupe {

/// What a builder of environments works with; handed in by the program, which keeps `runs` alive as long as there are
/// builders.
struct venv_ports {
  run_host* runs = nullptr;
  std::filesystem::path folder; ///< of all environments
  venv_tool_wish tools;
  std::map<std::string, std::string> environment; ///< this process's own; PATH tells where the tools are
  bool use = true; ///< whether scripts that name no environment run in the default one
  std::string default_name = "default";
  std::filesystem::path requirements; ///< of the default one; empty, or no file: nothing
  bool clear_at_start = true;
  bool prepare_at_start = true;
  double creation_timeout_s = 300;
  double wait_interval_s = 1;
};

} // namespace troupe
