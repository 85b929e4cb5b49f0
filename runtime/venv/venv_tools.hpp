#pragma once

#include <troupe/result.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// How environments are made, as configured.
struct venv_tool_wish {
  std::string tool = "auto"; ///< auto, uv, pip
  std::string uv = "uv";     ///< a name or a path
  std::string python = "python3";
  std::string index_url;
  std::string find_links;
  bool offline = false;
};

/// The first executable file `name` in the folders of `path` (as in PATH); `name` itself if it has a slash and is one.
std::string find_program(const std::string& name, std::string_view path);

/// The commands of one tool. Made by `choose`; pure from then on.
class venv_tools {
public:
  /// Looks for the programs on `path`. Fails if the interpreter, or uv where it is wanted by name, is not there.
  static result<venv_tools> choose(const venv_tool_wish& wish, std::string_view path,
                                   const std::filesystem::path& tools_folder);

  std::string name() const { return uv_.empty() ? "pip" : "uv"; }
  const std::string& interpreter() const noexcept { return interpreter_; }

  std::vector<std::string> creation(const std::filesystem::path& venv) const;
  /// What must be done once before `installation`; empty: nothing.
  std::vector<std::string> preparation() const;
  /// With `latest` the newest versions that fit, else what is there stays if it fits.
  std::vector<std::string> installation(const std::filesystem::path& venv, const std::vector<std::string>& packages,
                                        bool latest) const;
  std::vector<std::string> installation_of_list(const std::filesystem::path& venv,
                                                const std::filesystem::path& requirements) const;

  /// What a tool sees of `environment`: where programs, homes, proxies and certificates are, and its own settings.
  static std::map<std::string, std::string> environment(const std::map<std::string, std::string>& environment);

private:
  std::filesystem::path shared_pip() const { return tools_folder_ / "pip"; }
  std::vector<std::string> installer(const std::filesystem::path& venv) const;

  venv_tool_wish wish_;
  std::string uv_; ///< empty: pip
  std::string interpreter_;
  std::filesystem::path tools_folder_;
};

} // namespace troupe
