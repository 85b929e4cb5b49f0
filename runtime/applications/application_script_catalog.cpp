#include "runtime/applications/application_script_catalog.hpp"

#include "runtime/applications/application_names.hpp"
#include "runtime/applications/application_store.hpp"

namespace troupe {

namespace fs = std::filesystem;

result<std::string> application_script_catalog::find(const std::string& application,
                                                     const std::string& name_or_id) const {
  std::error_code problem;
  const auto root = fs::canonical(root_, problem);
  const auto folder = problem || application.empty() ? fs::path{} : fs::canonical(application, problem);
  const auto below = problem || folder.empty() ? fs::path{} : folder.lexically_relative(root);
  if (below.empty() || below == "." || *below.begin() == "..") {
    return plain_.find(application, name_or_id);
  }
  // A script that was started by its path may lie deeper in an application; names are then relative to its own folder.
  const auto own = root / *below.begin();
  const auto inner = folder.lexically_relative(own);
  const bool is_id = is_short_id(name_or_id, script_id_length);
  const auto name = inner == "." || is_id || name_or_id.empty() ? name_or_id : inner.string() + "/" + name_or_id;
  const auto script = application_store::find_script_in(own, name);
  if (!script) {
    return std::unexpected(script.error());
  }
  return inner == "." ? application + "/" + script->path : (own / script->path).string();
}

} // namespace troupe
