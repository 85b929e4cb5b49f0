#include "runtime/applications/application_store.hpp"

#include "runtime/applications/application_names.hpp"
#include "runtime/applications/application_place.hpp"

#include <algorithm>

#include <unistd.h>

namespace troupe {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view half_made = ".new-";


/// The id at the end of a folder's name, or nothing: then it is no application.
std::string id_in(const std::string& folder_name) {
  const auto dash = folder_name.rfind('-');
  const auto id = dash == std::string::npos || dash == 0 ? std::string{} : folder_name.substr(dash + 1);
  return folder_name.front() != '.' && is_short_id(id, application_id_length) ? id : std::string{};
}

/// The names of the folders in `root`; none if it is not there yet.
result<std::vector<std::string>> folders_in(const fs::path& root) {
  std::vector<std::string> out;
  std::error_code problem;
  fs::directory_iterator each(root, problem);
  if (problem == std::errc::no_such_file_or_directory) {
    return out;
  }
  for (; !problem && each != fs::directory_iterator(); each.increment(problem)) {
    out.push_back(each->path().filename().string());
  }
  if (problem) {
    return fail(error_code::io_error, "cannot read the folder " + root.string() + ": " + problem.message());
  }
  std::ranges::sort(out);
  return out;
}


application_store::info info_of(const fs::path& folder, const std::string& id) {
  application_store::info out;
  out.id = id;
  out.folder = folder.string();
  const auto name = folder.filename().string();
  out.name = name.substr(0, name.size() - id.size() - 1);
  const auto files = folder_files::open(folder);
  const auto meta = files ? read_application_meta(*files) : result<application_meta>{std::unexpected(files.error())};
  if (!meta) {
    out.problem = meta.error().text;
    return out;
  }
  out.name = meta->name();
  out.marks = meta->marks();
  out.settings = meta->settings();
  return out;
}

} // namespace

result<application_store::info> application_store::create(const std::string& name) const {
  if (auto fits = check_application_name(name); !fits) {
    return std::unexpected(fits.error());
  }
  std::error_code problem;
  fs::create_directories(root_, problem);
  const auto top = folder_files::open(root_);
  const auto locked = top ? top->lock({}) : result<unique_fd>{std::unexpected(top.error())};
  const auto names = locked ? folders_in(root_) : result<std::vector<std::string>>{std::unexpected(locked.error())};
  if (!names) {
    return std::unexpected(names.error());
  }
  std::string id;
  while (id.empty() || std::ranges::any_of(*names, [&](const auto& each) { return id_in(each) == id; })) {
    id = new_short_id(application_id_length);
  }
  for (const auto& each : *names) {
    if (each.starts_with(half_made)) { // nobody else makes one now
      fs::remove_all(root_ / each, problem);
    }
  }
  if (names->size() >= most_applications) {
    return fail(error_code::conflict, "there are " + std::to_string(names->size()) + " applications; no more are kept");
  }
  const auto half = root_ / (std::string{half_made} + id);
  const auto folder = root_ / (name + "-" + id);
  fs::create_directory(half, problem);
  const auto files = folder_files::open(half);
  if (!files) {
    return std::unexpected(files.error());
  }
  if (auto written = write_application_meta(*files, application_meta::make(id, name)); !written) {
    return std::unexpected(written.error());
  }
  fs::rename(half, folder, problem);
  if (problem) {
    return fail(error_code::io_error, "cannot make the application " + name + ": " + problem.message());
  }
  ::fsync(locked->get());
  return info_of(folder, id);
}

result<std::vector<application_store::info>> application_store::list() const {
  const auto names = folders_in(root_);
  if (!names) {
    return std::unexpected(names.error());
  }
  std::vector<info> out;
  for (const auto& name : *names) {
    if (const auto id = id_in(name); !id.empty() && out.size() < most_applications) {
      out.push_back(info_of(root_ / name, id));
    }
  }
  return out;
}

result<std::string> application_store::folder_of(const std::string& id) const {
  const auto names = folders_in(root_);
  if (!names) {
    return std::unexpected(names.error());
  }
  const auto found = std::ranges::find_if(*names, [&](const auto& name) { return !id.empty() && id_in(name) == id; });
  if (found == names->end()) {
    return fail(error_code::not_found, "there is no application with this id; `troupe app ls` lists them");
  }
  return (root_ / *found).string();
}

result<application_store::info> application_store::get(const std::string& id) const {
  const auto folder = folder_of(id);
  return folder ? result<info>{info_of(*folder, id)} : std::unexpected(folder.error());
}

result<application_store::info> application_store::change_settings(const std::string& id, const json& changes) const {
  json fields = changes;
  const auto name = fields.find("name");
  const bool renames = name != fields.end();
  const auto new_name = renames && name->is_string() ? name->get<std::string>() : std::string{};
  if (renames) {
    if (auto fits = check_application_name(new_name); !fits) {
      return std::unexpected(fits.error());
    }
    fields.erase(name);
  }
  const auto done = change(id, [&](const folder_files&, application_meta& meta) -> result<> {
    if (auto taken = meta.settings().change(fields); !taken) {
      return taken;
    }
    if (renames) {
      meta.set_name(new_name);
    }
    for (const auto& [handler, what] : meta.settings().handlers) {
      const bool is_marked = meta.marks().contains(what.script) || !meta.script_of(what.script).empty();
      if (fields.contains("handlers") && !is_marked) {
        return fail(error_code::access_denied, "the handler " + handler + " cannot run " + what.script +
                                                 ": it is not marked executable; mark it with `troupe app exec " + id + " " +
                                                 what.script + "`");
      }
    }
    return {};
  });
  return done ? get(id) : std::unexpected(done.error());
}

result<> application_store::remove(const std::string& id) const {
  const auto top = folder_files::open(root_);
  const auto locked = top ? top->lock({}) : result<unique_fd>{std::unexpected(top.error())};
  const auto folder = locked ? folder_of(id) : result<std::string>{std::unexpected(locked.error())};
  if (!folder) {
    return std::unexpected(folder.error());
  }
  return top->remove_folder({fs::path(*folder).filename().string()}, true, {std::string{half_made} + id});
}

result<> application_store::change(const std::string& id, const step& what) const {
  const auto turn = application_turn::take(folder_of(id));
  if (!turn) {
    return std::unexpected(turn.error());
  }
  auto meta = read_application_meta(turn->files);
  if (!meta) {
    return std::unexpected(meta.error());
  }
  const auto before = meta->text();
  if (auto done = what(turn->files, *meta); !done || meta->text() == before) {
    return done;
  }
  return write_application_meta(turn->files, *meta);
}

result<std::string> application_store::mark(const std::string& id, const std::string& path) const {
  const auto parts = parts_of_file_path(path);
  if (!parts) {
    return std::unexpected(parts.error());
  }
  std::string script_id;
  auto done = change(id, [&](const folder_files& files, application_meta& meta) -> result<> {
    if (!files.has_file(*parts)) {
      return fail(error_code::not_found, "the application has no file " + path + " to mark");
    }
    if (!is_script_name(path)) {
      return fail(error_code::bad_request, path + " cannot be marked: the name of a script ends in .py, .py3 or .sh");
    }
    if (meta.marks().size() >= most_marks && !meta.marks().contains(path)) {
      return fail(error_code::conflict, "the application has 1000 executable scripts; no more are kept");
    }
    script_id = meta.mark(path);
    return {};
  });
  return done ? result<std::string>{std::move(script_id)} : std::unexpected(done.error());
}

result<> application_store::unmark(const std::string& id, const std::string& path) const {
  return change(id, [&](const folder_files&, application_meta& meta) -> result<> {
    return meta.unmark(path) ? result<>{} : fail(error_code::not_found, path + " is not marked executable");
  });
}

result<application_store::script> application_store::find_script(const std::string& id,
                                                                 const std::string& name_or_id) const {
  const auto folder = folder_of(id);
  return folder ? find_script_in(*folder, name_or_id) : std::unexpected(folder.error());
}

result<application_store::script> application_store::find_script_in(const fs::path& folder,
                                                                    const std::string& name_or_id) {
  const auto refused = [&](error_code code, const std::string& why) {
    return fail(code, "cannot start " + name_or_id + ": " + why);
  };
  const auto files = folder_files::open(folder);
  const auto meta = files ? read_application_meta(*files) : result<application_meta>{std::unexpected(files.error())};
  if (!meta) {
    return refused(meta.error().code, meta.error().text);
  }
  const auto by_id = meta->script_of(name_or_id);
  const auto& path = by_id.empty() ? name_or_id : by_id;
  const auto parts = parts_of_file_path(path);
  if (!parts) {
    return refused(path.empty() ? error_code::bad_request : error_code::not_found, "the application has no such script");
  }
  if (!files->has_file(*parts)) {
    return refused(error_code::not_found, "the application has no such script");
  }
  if (!is_script_name(path)) {
    return refused(error_code::access_denied, "it is no script; its name must end in .py, .py3 or .sh");
  }
  if (!meta->marks().contains(path)) {
    return refused(error_code::access_denied, "it is not marked executable; mark it with `troupe app exec " + meta->id() +
                                                " " + path + "`");
  }
  return script{folder.string(), path, meta->settings().params};
}

} // namespace troupe
