#include "runtime/applications/application_meta.hpp"

#include "runtime/applications/application_names.hpp"

#include <array>
#include <utility>

namespace troupe {
namespace {

const json* text_at(const json& all, const char* key) {
  const auto found = all.is_object() ? all.find(key) : all.end();
  return found != all.end() && found->is_string() ? &*found : nullptr;
}

constexpr std::array setting_names{"static_folder", "public", "params", "handlers"};

/// Nothing if the fields do not hold what they should.
result<application_settings> settings_in(const json& all) {
  json known = json::object();
  for (const char* name : setting_names) {
    if (const auto found = all.find(name); found != all.end()) {
      known[name] = *found;
    }
  }
  application_settings out;
  auto taken = out.change(known);
  return taken ? result<application_settings>{std::move(out)} : std::unexpected(taken.error());
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
  auto settings = settings_in(out.all_);
  if (!settings) {
    return damaged(settings.error().text.c_str());
  }
  out.settings_ = std::move(*settings);
  const auto moving = out.all_.find("moving");
  if (moving != out.all_.end()) {
    const auto* from = text_at(*moving, "from");
    const auto* to = text_at(*moving, "to");
    if (from == nullptr || to == nullptr || !parts_of_file_path(*from) || !parts_of_file_path(*to)) {
      return damaged("`moving` is no pair of paths");
    }
    out.moving_ = {*from, *to};
  }
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
  const auto settings = settings_.to_json();
  for (const char* name : setting_names) {
    all[name] = settings[name];
  }
  all.erase("moving");
  if (!moving_.from.empty()) {
    all["moving"] = {{"from", moving_.from}, {"to", moving_.to}};
  }
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

void application_meta::forget(const std::string& path) {
  std::erase_if(marks_, [&](const auto& each) { return each.first == path || each.first.starts_with(path + "/"); });
}

void application_meta::end_move(bool happened) {
  const auto [from, to] = std::exchange(moving_, {});
  if (!happened) {
    return;
  }
  std::map<std::string, std::string> marks;
  for (const auto& [path, id] : marks_) {
    marks[renamed_path(path, from, to)] = id;
  }
  marks_ = std::move(marks);
  settings_.rename(from, to);
}

} // namespace troupe
