#include "nodes/troupe-node/script_settings.hpp"

#include <troupe/json.hpp>

#include <fstream>

#include <fmt/format.h>

namespace troupe {

std::map<std::string, std::string> settings_for_scripts(const settings& config) {
  const auto truth = [](bool value) { return std::string{value ? "True" : "False"}; };
  std::map<std::string, std::string> out{
    {"DEFAULT_TASK_TIMEOUT_SEC", fmt::format("{}", config.tasks.timeout_s)},
    {"DEFAULT_TASK_MAX_MEMORY_MB", fmt::format("{}", config.tasks.memory_mb)},
    {"USE_VENV", truth(config.venvs.use)},
    {"DEFAULT_VENV_NAME", config.venvs.default_name},
    {"DEFAULT_VENV_CLEAR_START", truth(config.venvs.clear_at_start)},
    {"VENVS_DIR", config.folders.venvs.string()},
    {"VENV_CREATION_TIMEOUT", fmt::format("{}", config.venvs.creation_timeout_s)},
    {"VENV_WAIT_INTERVAL", fmt::format("{}", config.venvs.wait_interval_s)},
  };
  if (config.bridge.port.value_or(0) != 0) {
    out["RESOURCE_SERVER_LOCAL_PORT"] = fmt::format("{}", *config.bridge.port);
  }
  return out;
}

std::map<std::string, std::string> chosen_settings(const std::filesystem::path& state_dir) {
  std::ifstream file{state_dir / "ready.json"};
  const auto ready = json::parse(file, nullptr, false);
  if (!ready.is_object() || !ready.contains("bridge") || !ready["bridge"].is_string()) {
    return {};
  }
  const auto& address = ready["bridge"].get_ref<const std::string&>();
  const auto colon = address.rfind(':');
  const auto port = colon == std::string::npos ? std::string{} : address.substr(colon + 1);
  const bool is_number = !port.empty() && port.find_first_not_of("0123456789") == std::string::npos;
  return is_number ? std::map<std::string, std::string>{{"RESOURCE_SERVER_LOCAL_PORT", port}} : std::map<std::string, std::string>{};
}

std::string ompy_folder_beside(const std::filesystem::path& program_dir) {
  for (const char* place : {"../ompy", "../lib/troupe/ompy"}) {
    std::error_code problem;
    const auto folder = std::filesystem::canonical(program_dir / place, problem);
    if (!problem && std::filesystem::is_directory(folder / "ompy", problem)) {
      return folder.string();
    }
  }
  return {};
}

std::string warm_parent_beside(const std::filesystem::path& program_dir) {
  for (const char* place : {"../warm", "../lib/troupe/warm"}) {
    std::error_code problem;
    const auto file = std::filesystem::canonical(program_dir / place / "warm_parent.py", problem);
    if (!problem) {
      return file.string();
    }
  }
  return {};
}

} // namespace troupe
