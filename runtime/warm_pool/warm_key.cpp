#include <runtime/warm_pool/warm_key.hpp>

#include <runtime/venv/venv_tools.hpp>

#include <algorithm>
#include <array>
#include <string_view>

#include <sys/stat.h>

namespace troupe {
namespace {

// Less than the kernel takes (MAX_ARG_STRLEN, and a quarter of a stack of 8 MiB): what is larger gets its answer there.
constexpr std::size_t longest_text = 128 * 1024 - 1;
constexpr std::size_t most_text = 1 << 20;

constexpr std::array<std::string_view, 4> shaping_prefixes{"PYTHON", "LC_", "LD_", "MALLOC_"};
constexpr std::array<std::string_view, 7> shaping_names{"PATH",    "HOME",          "LANG",                     "LANGUAGE",
                                                        "LOCPATH", "GLIBC_TUNABLES", "SETUPTOOLS_USE_DISTUTILS"};
/// Packages look at these in each interpreter that starts, and at others beside them.
constexpr std::array<std::string_view, 2> unfit_names{"COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG"};

bool shapes_a_start(std::string_view name) {
  return name != "PYTHONPATH" && (std::ranges::find(shaping_names, name) != shaping_names.end() ||
                                  std::ranges::any_of(shaping_prefixes, [&](auto prefix) { return name.starts_with(prefix); }));
}

bool is_plain_call(const run_plan& plan) {
  return !plan.script.empty() && plan.argv.size() >= 2 && plan.argv[1] == plan.script && plan.script.starts_with('/') &&
         (plan.script.ends_with(".py") || plan.script.ends_with(".py3"));
}

bool is_small(const run_plan& plan) {
  std::size_t all = 0;
  const auto fits = [&](std::size_t size) {
    all += size + 1;
    return size < longest_text;
  };
  return std::ranges::all_of(plan.argv, [&](const auto& one) { return fits(one.size()); }) &&
         std::ranges::all_of(plan.env, [&](const auto& one) { return fits(one.first.size() + 1 + one.second.size()); }) &&
         all < most_text;
}

void add_stamp(std::string& out, const std::string& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) == 0) {
    out += std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino) + ":" + std::to_string(info.st_mtim.tv_sec) +
           "." + std::to_string(info.st_mtim.tv_nsec);
  }
  out += ";";
}

} // namespace

std::optional<warm_key> warm_key_of(const run_plan& plan) {
  if (plan.user || !is_plain_call(plan) || !is_small(plan) ||
      std::ranges::any_of(unfit_names, [&](auto name) { return plan.env.contains(std::string{name}); })) {
    return std::nullopt;
  }
  warm_key key;
  const auto path = plan.env.find("PATH");
  key.python = find_program(plan.argv.front(), path == plan.env.end() ? "/usr/local/bin:/usr/bin:/bin" : path->second);
  if (key.python.empty()) {
    return std::nullopt;
  }
  for (const auto& [name, value] : plan.env) {
    if (shapes_a_start(name)) {
      key.env.emplace(name, value);
    }
  }
  key.own_pid_namespace = plan.own_pid_namespace;
  return key;
}

std::string stamp_of_interpreter(const std::string& python) {
  const auto folder = python.substr(0, python.rfind('/') + 1) + "../";
  std::string out;
  for (const auto& file : {python, folder + "pyvenv.cfg", folder + ".troupe-ready.json"}) {
    add_stamp(out, file);
  }
  return out;
}

} // namespace troupe
