#include "runtime/applications/application_store.hpp"

#include "runtime/applications/application_names.hpp"

#include <algorithm>

#include <unistd.h>

namespace troupe {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_meta_bytes = 2u << 20;
constexpr std::string_view half_made = ".new-";

folder_files::path_parts own_folder() { return {application_own_folder}; }
folder_files::path_parts meta_file() { return {application_own_folder, "application.json"}; }
folder_files::path_parts new_file() { return {application_own_folder, "new"}; }

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

result<application_meta> meta_in(const folder_files& files) {
  const auto text = files.read(meta_file(), most_meta_bytes);
  return text ? application_meta::parse(*text) : std::unexpected(text.error());
}

application_store::info info_of(const fs::path& folder, const std::string& id) {
  application_store::info out;
  out.id = id;
  out.folder = folder.string();
  const auto name = folder.filename().string();
  out.name = name.substr(0, name.size() - id.size() - 1);
  const auto files = folder_files::open(folder);
  const auto meta = files ? meta_in(*files) : result<application_meta>{std::unexpected(files.error())};
  if (!meta) {
    out.problem = meta.error().text;
    return out;
  }
  out.name = meta->name();
  out.marks = meta->marks();
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
  if (auto written = files->write(meta_file(), application_meta::make(id, name).text(), new_file()); !written) {
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

result<folder_files::listing> application_store::files(const std::string& id) const {
  const auto folder = folder_of(id);
  const auto files = folder ? folder_files::open(*folder) : result<folder_files>{std::unexpected(folder.error())};
  return files ? result<folder_files::listing>{files->list(application_own_folder, most_listed_files)}
               : std::unexpected(files.error());
}

result<std::string> application_store::read_file(const std::string& id, const std::string& path) const {
  const auto parts = parts_of_file_path(path);
  if (!parts) {
    return std::unexpected(parts.error());
  }
  const auto folder = folder_of(id);
  const auto files = folder ? folder_files::open(*folder) : result<folder_files>{std::unexpected(folder.error())};
  return files ? files->read(*parts, most_file_bytes) : std::unexpected(files.error());
}

result<bool> application_store::write_file(const std::string& id, const std::string& path,
                                           std::string_view content) const {
  const auto parts = parts_of_file_path(path);
  if (!parts) {
    return std::unexpected(parts.error());
  }
  if (content.size() > most_file_bytes) {
    return fail(error_code::too_large, "a file of an application has at most 16 MiB");
  }
  const auto folder = folder_of(id);
  const auto files = folder ? folder_files::open(*folder) : result<folder_files>{std::unexpected(folder.error())};
  const auto locked = files ? files->lock(own_folder()) : result<unique_fd>{std::unexpected(files.error())};
  return locked ? files->write(*parts, content, new_file()) : std::unexpected(locked.error());
}

result<> application_store::change(const std::string& id,
                                   const std::function<result<>(const folder_files&, application_meta&)>& what) const {
  const auto folder = folder_of(id);
  const auto files = folder ? folder_files::open(*folder) : result<folder_files>{std::unexpected(folder.error())};
  const auto locked = files ? files->lock(own_folder()) : result<unique_fd>{std::unexpected(files.error())};
  if (!locked) {
    return std::unexpected(locked.error());
  }
  auto meta = meta_in(*files);
  if (!meta) {
    return std::unexpected(meta.error());
  }
  const auto before = meta->marks();
  if (auto done = what(*files, *meta); !done || meta->marks() == before) {
    return done;
  }
  const auto written = files->write(meta_file(), meta->text(), new_file());
  return written ? result<>{} : std::unexpected(written.error());
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
  const auto meta = files ? meta_in(*files) : result<application_meta>{std::unexpected(files.error())};
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
  return script{folder.string(), path};
}

} // namespace troupe
