#include <runtime/script_catalog/folder_script_catalog.hpp>

#include <algorithm>
#include <filesystem>

namespace troupe {
namespace {

namespace fs = std::filesystem;

bool is_below(const fs::path& file, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first == folder.end();
}

} // namespace

result<std::string> folder_script_catalog::find(const std::string& application, const std::string& name_or_id) const {
  if (name_or_id.empty() || name_or_id.find('\0') != std::string::npos) {
    return fail(error_code::bad_request, "a script is called by its path in the application's folder");
  }
  const auto refused = [&](error_code code, const std::string& why) {
    return fail(code, "cannot start " + name_or_id + ": " + why);
  };
  std::error_code problem;
  const auto folder = fs::canonical(application, problem);
  if (problem || application.empty()) {
    return refused(error_code::not_found, "this task has no application folder");
  }
  const auto file = fs::canonical(folder / fs::path(name_or_id).relative_path(), problem);
  if (problem || fs::path(name_or_id).is_absolute() || !is_below(file, folder) || !fs::is_regular_file(file, problem)) {
    return refused(error_code::not_found, "the application has no such script");
  }
  const auto extension = file.extension();
  if (extension != ".py" && extension != ".py3" && extension != ".sh") {
    return refused(error_code::access_denied, "it is no script; its name must end in .py, .py3 or .sh");
  }
  return (fs::path(application) / name_or_id).lexically_normal().string();
}

} // namespace troupe
