#include <actors/application/handler_plan.hpp>

namespace troupe {

result<handler_plan> plan_handler(const application_store& store, const std::string& id, const std::string& name) {
  const auto found = store.get(id);
  if (!found) {
    return std::unexpected(found.error());
  }
  if (!found->problem.empty()) {
    return fail(error_code::io_error, found->problem);
  }
  const auto handler = found->settings.handlers.find(name);
  if (handler == found->settings.handlers.end()) {
    return fail(error_code::not_found, "the application has no web handler " + name);
  }
  const auto script = application_store::find_script_in(found->folder, handler->second.script);
  if (!script) {
    const bool is_gone = script.error().code == error_code::not_found; // the handler itself is there
    return fail(is_gone ? error_code::conflict : script.error().code, script.error().text);
  }
  handler_plan out;
  out.name = name;
  out.what = handler->second;
  out.folder = script->folder;
  out.script = script->folder + "/" + script->path;
  out.params = merged_params(script->params, handler->second.params);
  return out;
}

json handler_plan::start(const std::string& task) const {
  const bool lives_long = what.how != web_handler::mode::per_request;
  json out{{"id", task},
           {"script", script},
           {"application", folder},
           {"params", params},
           {"env", {{"TROUPE_WEB_HANDLER", name}, {"TROUPE_WEB_MODE", name_of(what.how)}}}};
  if (!lives_long) {
    out["stdin"] = "open";
  }
  if (!params.contains("timeout") && what.how != web_handler::mode::start) {
    out["timeout"] = lives_long ? -1 : what.timeout_s;
  }
  return out;
}

json handler_plan::to_json() const {
  return {{"name", name},     {"script", script}, {"folder", folder},
          {"params", params}, {"mode", name_of(what.how)}, {"timeout_s", what.timeout_s}};
}

handler_plan handler_plan::from_json(const json& value) {
  handler_plan out;
  out.name = value.at("name").get<std::string>();
  out.script = value.at("script").get<std::string>();
  out.folder = value.at("folder").get<std::string>();
  out.params = value.at("params");
  out.what.timeout_s = value.at("timeout_s").get<double>();
  const auto mode = value.at("mode").get<std::string>();
  for (const auto how : {web_handler::mode::start, web_handler::mode::per_request, web_handler::mode::long_lived}) {
    if (mode == name_of(how)) {
      out.what.how = how;
    }
  }
  return out;
}

} // namespace troupe
