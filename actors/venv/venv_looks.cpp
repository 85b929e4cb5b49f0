// What is told of environments; nothing here changes one.
#include <actors/venv/venv_builder.hpp>

#include <runtime/venv/durable_file.hpp>
#include <runtime/venv/package_list.hpp>

namespace troupe {
namespace {

constexpr std::size_t shown_lines = 40;

} // namespace

reply venv_builder::list(const message& what) { return list_packages(what, false); }

reply venv_builder::list_spec(const message& what) { return list_packages(what, true); }

reply venv_builder::list_packages(const message& what, bool with_versions) {
  const auto wanted = read_venv_request(what.body(), {}, ports_.default_name);
  if (!wanted) {
    return wanted.error();
  }
  if (folder_.look(wanted->name) == venv_folder::condition::absent) {
    return {"venv_is_absent", json{{"name", wanted->name}}};
  }
  json packages = json::array();
  for (const auto& one : installed_packages(folder_.path_of(wanted->name))) {
    packages.push_back(with_versions ? one.spec() : one.name);
  }
  return {"packages", json{{"name", wanted->name}, {"packages", std::move(packages)}}};
}

reply venv_builder::get(const message& what) {
  venv_fields fields;
  fields.name_needed = false;
  const auto wanted = read_venv_request(what.body(), fields, ports_.default_name);
  return wanted ? reply{"venv", state_of(wanted->name)} : wanted.error();
}

reply venv_builder::list_all() {
  json all = json::array();
  auto names = folder_.names();
  for (const auto& [name, here] : places_) {
    if (here.job && std::ranges::find(names, name) == names.end()) {
      names.push_back(name);
    }
  }
  for (const auto& name : names) {
    auto state = state_of(name);
    for (const char* large : {"progress", "progress_next", "lines"}) {
      state.erase(large);
    }
    all.push_back(std::move(state));
  }
  return {"venvs", json{{"venvs", std::move(all)},
                        {"default", ports_.default_name},
                        {"use", ports_.use},
                        {"folder", folder_.root().string()}}};
}

json venv_builder::why_not_ready(const std::string& name) const {
  const auto note = folder_.note_of(name);
  if (note && note->failed) {
    return {{"name", name}, {"reason", note->reason}, {"lines", note->lines}};
  }
  return {{"name", name}, {"reason", folder_.why_broken(name)}, {"lines", json::array()}};
}

json venv_builder::state_of(const std::string& name) const {
  const auto look = folder_.look(name);
  const auto note = folder_.note_of(name);
  const auto mark = folder_.mark_of(name);
  const auto here = places_.find(name);
  const auto* job = here == places_.end() ? nullptr : here->second.job.get();
  const char* state = job != nullptr                               ? "building"
                      : look == venv_folder::condition::ready      ? "ready"
                      : note && note->failed                       ? "failed"
                      : look == venv_folder::condition::absent     ? "absent"
                                                                   : "broken";
  const auto interpreter = read_interpreter(read_small_file(folder_.path_of(name) / "pyvenv.cfg"));
  json out{{"name", name},
           {"state", state},
           {"phase", job != nullptr ? json(job->phase()) : json(nullptr)},
           {"progress", job != nullptr ? json(job->log().last(build_log::most_lines)) : json::array()},
           {"progress_next", job != nullptr ? json(job->log().total()) : json(nullptr)},
           {"reason", nullptr},
           {"lines", json::array()},
           {"users", users_.runs(name)},
           {"clean", users_.goes_with_last_user(name)},
           {"path", folder_.path_of(name).string()},
           {"interpreter", interpreter.program.empty() ? json(nullptr) : json(interpreter.program)},
           {"python_version", interpreter.version.empty() ? json(nullptr) : json(interpreter.version)},
           {"tool", mark ? json(mark->tool) : json(nullptr)},
           {"missing", mark ? mark->missing : std::vector<std::string>{}}};
  json why;
  if (std::string_view{state} == "failed" || std::string_view{state} == "broken") {
    why = why_not_ready(name);
  } else if (const auto failed = last_failures_.find(name); failed != last_failures_.end() && job == nullptr) {
    why = failed->second;
  }
  if (why.is_object()) {
    out["reason"] = why["reason"];
    out["lines"] = why["lines"];
  } else if (job != nullptr) {
    out["lines"] = job->log().last(shown_lines);
  }
  return out;
}

} // namespace troupe
