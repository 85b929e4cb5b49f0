#include "runtime/venv/venv_tools.hpp"

#include <algorithm>
#include <array>

#include <sys/stat.h>
#include <unistd.h>

namespace troupe {

namespace fs = std::filesystem;

namespace {

bool is_program(const std::string& file) {
  struct stat info {};
  return ::access(file.c_str(), X_OK) == 0 && ::stat(file.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

/// Lays one pip where all environments are served from. Python brings it along as a wheel (`ensurepip`); an interpreter
/// that only has pip itself gives a copy of that. Takes its place by a rename, so that it is there whole or not at all.
constexpr auto lay_pip = R"(import glob, os, shutil, sys, tempfile, zipfile
place = sys.argv[1]
os.makedirs(os.path.dirname(place), exist_ok=True)
made = tempfile.mkdtemp(prefix="pip-", dir=os.path.dirname(place))
wheels = []
try:
    import ensurepip
    folders = [getattr(ensurepip, "_WHEEL_PKG_DIR", None), os.path.join(os.path.dirname(ensurepip.__file__), "_bundled")]
    wheels = [found for folder in folders if folder for found in sorted(glob.glob(os.path.join(folder, "pip-*.whl")))]
except ImportError:
    pass
if wheels:
    zipfile.ZipFile(wheels[-1]).extractall(made)
else:
    try:
        import pip
    except ImportError:
        sys.exit(sys.executable + " has neither ensurepip nor pip: install python3-venv, or uv")
    shutil.copytree(os.path.dirname(pip.__file__), os.path.join(made, "pip"))
try:
    os.rename(made, place)
except OSError:
    shutil.rmtree(made, ignore_errors=True)
    if not os.path.exists(os.path.join(place, "pip", "__main__.py")):
        raise
)";

constexpr std::array kept_variables{"PATH",          "HOME",         "LANG",         "TZ",           "TMPDIR",
                                    "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTP_PROXY",   "HTTPS_PROXY",  "NO_PROXY",
                                    "http_proxy",    "https_proxy",  "no_proxy",     "ALL_PROXY",    "all_proxy",
                                    "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "REQUESTS_CA_BUNDLE", "NETRC"};

void append(std::vector<std::string>& to, std::initializer_list<std::string> words) {
  to.insert(to.end(), words);
}

} // namespace

std::string find_program(const std::string& name, std::string_view path) {
  if (name.find('/') != std::string::npos) {
    return is_program(name) ? name : std::string{};
  }
  while (!path.empty()) {
    const auto folder = path.substr(0, path.find(':'));
    auto candidate = std::string{folder} + "/" + name;
    if (folder.starts_with('/') && is_program(candidate)) {
      return candidate;
    }
    path.remove_prefix(std::min(path.size(), folder.size() + 1));
  }
  return {};
}

result<venv_tools> venv_tools::choose(const venv_tool_wish& wish, std::string_view path, const fs::path& tools_folder) {
  venv_tools out;
  out.wish_ = wish;
  out.tools_folder_ = tools_folder;
  out.interpreter_ = find_program(wish.python, path);
  if (out.interpreter_.empty()) {
    return fail(error_code::unavailable, "there is no Python to make environments with: \"" + wish.python +
                                           "\" is no program (PATH is " + std::string{path} +
                                           "); `venvs.python` of the config names another one");
  }
  if (wish.tool != "pip") {
    out.uv_ = find_program(wish.uv, path);
    if (out.uv_.empty() && wish.tool == "uv") {
      return fail(error_code::unavailable,
                  "`venvs.tool` of the config is uv, but \"" + wish.uv + "\" is no program (PATH is " +
                    std::string{path} + ")");
    }
  }
  return out;
}

std::vector<std::string> venv_tools::creation(const fs::path& venv) const {
  if (!uv_.empty()) {
    return {uv_, "venv", "--no-project", "--offline", "--quiet", "--python", interpreter_, venv.string()};
  }
  return {interpreter_, "-I", "-m", "venv", "--without-pip", venv.string()};
}

std::vector<std::string> venv_tools::preparation() const {
  if (!uv_.empty() || fs::exists(shared_pip() / "pip" / "__main__.py")) {
    return {};
  }
  return {interpreter_, "-I", "-c", lay_pip, shared_pip().string()};
}

std::vector<std::string> venv_tools::installer(const fs::path& venv) const {
  std::vector<std::string> out;
  const auto python = (venv / "bin" / "python").string();
  if (!uv_.empty()) {
    // Hard links into the cache would let a script that changes its packages change those of others.
    out = {uv_, "pip", "install", "--no-progress", "--link-mode=copy", "--python", python};
  } else {
    out = {interpreter_, (shared_pip() / "pip").string(), "--python", python, "--disable-pip-version-check",
           "--no-input", "install", "--progress-bar", "off", "--retries", "2", "--timeout", "15"};
  }
  if (wish_.offline) {
    append(out, {"--no-index"});
    if (!uv_.empty()) {
      append(out, {"--offline"});
    }
  } else if (!wish_.index_url.empty()) {
    append(out, {"--index-url", wish_.index_url});
  }
  if (!wish_.find_links.empty()) {
    append(out, {"--find-links", wish_.find_links});
  }
  return out;
}

std::vector<std::string> venv_tools::installation(const fs::path& venv, const std::vector<std::string>& packages,
                                                  bool latest) const {
  auto out = installer(venv);
  if (latest) {
    append(out, {"--upgrade"});
  }
  append(out, {"--"});
  out.insert(out.end(), packages.begin(), packages.end());
  return out;
}

std::vector<std::string> venv_tools::installation_of_list(const fs::path& venv, const fs::path& requirements) const {
  auto out = installer(venv);
  append(out, {"-r", requirements.string()});
  return out;
}

std::map<std::string, std::string> venv_tools::environment(const std::map<std::string, std::string>& environment) {
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : environment) {
    if (name.starts_with("PIP_") || name.starts_with("UV_") || std::ranges::count(kept_variables, name) > 0) {
      out[name] = value;
    }
  }
  out.try_emplace("PATH", "/usr/local/bin:/usr/bin:/bin");
  // Nothing in the operator's settings may lead a build to another environment than its own.
  for (const char* name : {"PIP_REQUIRE_VIRTUALENV", "PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_PYTHON", "UV_PYTHON",
                           "UV_PROJECT_ENVIRONMENT", "UV_SYSTEM_PYTHON", "UV_VENV_SEED"}) {
    out.erase(name);
  }
  out["PYTHONUNBUFFERED"] = "1";
  out["PYTHONDONTWRITEBYTECODE"] = "1";
  out["UV_PYTHON_DOWNLOADS"] = "never";
  out["UV_NO_COLOR"] = "1";
  out["NO_COLOR"] = "1";
  out["PIP_NO_COLOR"] = "1";
  return out;
}

} // namespace troupe
