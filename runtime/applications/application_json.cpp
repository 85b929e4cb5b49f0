#include "runtime/applications/application_json.hpp"

#include "runtime/text_json/text_json.hpp"

namespace troupe {
namespace {

json text_or_null(const std::string& text) { return is_utf8(text) ? json(text) : json(nullptr); }

} // namespace

json application_to_json(const application_store::info& what) {
  auto out = what.settings.to_json();
  out["id"] = what.id;
  out["name"] = text_or_null(what.name);
  out["path"] = text_or_null(what.folder);
  out["executable"] = json::object();
  for (const auto& [path, id] : what.marks) {
    out["executable"][path] = id;
  }
  if (!what.problem.empty()) {
    out["problem"] = what.problem;
  }
  return out;
}

json listing_to_json(const folder_files::listing& what, const std::string& below) {
  const auto is_wanted = [&](const std::string& path) { return below.empty() || path.starts_with(below + "/"); };
  json out{{"files", json::array()}, {"folders", json::array()}, {"truncated", what.truncated}};
  for (const auto& each : what.files) {
    if (is_wanted(each.path)) {
      out["files"].push_back({{"path", text_or_null(each.path)}, {"size", each.size}});
    }
  }
  for (const auto& each : what.folders) {
    if (is_wanted(each)) {
      out["folders"].push_back(text_or_null(each));
    }
  }
  return out;
}

} // namespace troupe
