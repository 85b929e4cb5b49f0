#include "runtime/config/expand_path.hpp"

namespace troupe {

result<std::filesystem::path> expand_path(const std::string& text, const std::filesystem::path& base_dir,
                                          const std::map<std::string, std::string>& variables) {
  std::string out;
  std::size_t at = 0;
  for (auto open = text.find("${"); open != std::string::npos; open = text.find("${", at)) {
    const auto close = text.find('}', open);
    const auto name = close == std::string::npos ? std::string{} : text.substr(open + 2, close - open - 2);
    const auto variable = variables.find(name);
    if (variable == variables.end()) {
      std::string known;
      for (const auto& [one, unused] : variables) {
        known += (known.empty() ? "${" : ", ${") + one + "}";
      }
      return fail(error_code::bad_request, close == std::string::npos
                                             ? "a \"${\" has no \"}\"; close it"
                                             : "there is no variable ${" + name + "}; use one of " + known);
    }
    out.append(text, at, open - at).append(variable->second);
    at = close + 1;
  }
  out.append(text, at);
  std::filesystem::path path = out;
  if (path.is_relative()) {
    path = base_dir / path;
  }
  if (path.is_relative()) {
    return fail(error_code::bad_request, "the path " + path.string() + " is not absolute; begin it with /");
  }
  path = path.lexically_normal();
  return path.has_filename() || path == path.root_path() ? path : path.parent_path();
}

} // namespace troupe
