#include "runtime/applications/application_meta.hpp"

#include "runtime/applications/application_names.hpp"

namespace troupe {
namespace {

const json* text_at(const json& all, const char* key) {
  const auto found = all.find(key);
  return found != all.end() && found->is_string() ? &*found : nullptr;
}

} // namespace

application_meta application_meta::make(const std::string& id, const std::string& name) {
  application_meta out;
  out.id_ = id;
  out.name_ = name;
  return out;
}

result<application_meta> application_meta::parse(std::string_view text) {
  const auto damaged = [](const char* why) {
    return fail(error_code::io_error, std::string{"the file .troupe/application.json is damaged: "} + why);
  };
  application_meta out;
  out.all_ = json::parse(text, nullptr, false);
  if (!out.all_.is_object()) {
    return damaged("it is no JSON object");
  }
  const auto* id = text_at(out.all_, "id");
  const auto* name = text_at(out.all_, "name");
  if (id == nullptr || name == nullptr || !is_short_id(id->get_ref<const std::string&>(), application_id_length)) {
    return damaged("it has no `id` or `name`");
  }
  out.id_ = id->get<std::string>();
  out.name_ = name->get<std::string>();
  const auto found = out.all_.find("executable");
  if (found == out.all_.end()) {
    return out;
  }
  if (!found->is_object()) {
    return damaged("`executable` is no object");
  }
  for (const auto& [path, script_id] : found->items()) {
    if (!script_id.is_string() || !is_short_id(script_id.get_ref<const std::string&>(), script_id_length) ||
        !parts_of_file_path(path)) {
      return damaged("`executable` has an entry that is no path with an id");
    }
    out.marks_[path] = script_id.get<std::string>();
  }
  return out;
}

std::string application_meta::text() const {
  json all = all_;
  all["id"] = id_;
  all["name"] = name_;
  all["executable"] = marks_.empty() ? json::object() : json(marks_);
  return all.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string application_meta::script_of(const std::string& script_id) const {
  for (const auto& [path, id] : marks_) {
    if (id == script_id) {
      return path;
    }
  }
  return {};
}

std::string application_meta::mark(const std::string& path) {
  auto& id = marks_[path];
  while (id.empty()) {
    auto fresh = new_short_id(script_id_length);
    if (script_of(fresh).empty()) {
      id = std::move(fresh);
    }
  }
  return id;
}

} // namespace troupe
