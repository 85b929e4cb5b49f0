#include "runtime/scripts/script_store.hpp"

#include "runtime/applications/folder_files.hpp"
#include "runtime/scripts/script_name.hpp"
#include "runtime/text_json/text_json.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe {
namespace {

namespace fs = std::filesystem;

constexpr const char* own_folder = ".troupe";
constexpr std::size_t most_option_bytes = 1u << 20;

folder_files::path_parts script_file(const std::string& name) { return {name}; }
folder_files::path_parts option_file(const std::string& name) { return {own_folder, name + ".json"}; }
folder_files::path_parts new_file() { return {own_folder, "new"}; }

std::int64_t to_ns(const timespec& time) { return time.tv_sec * 1'000'000'000LL + time.tv_nsec; }

std::optional<file_version> version_of(const fs::path& file) {
  struct stat info {};
  if (::lstat(file.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return std::nullopt;
  }
  return file_version{info.st_ino, std::max(to_ns(info.st_ctim), to_ns(info.st_mtim)), to_ns(info.st_mtim),
                      static_cast<std::uint64_t>(info.st_size)};
}

std::unexpected<error> unknown(const std::string& name) {
  return fail(error_code::not_found, "there is no script " + name);
}

/// Gone, and on the disk too.
result<> remove_file(const fs::path& file) {
  if (::unlink(file.c_str()) != 0 && errno != ENOENT) {
    return fail(error_code::io_error, "cannot remove " + file.string() + ": " + std::strerror(errno));
  }
  const unique_fd folder{::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (folder) {
    ::fsync(folder.get());
  }
  return {};
}

} // namespace

std::string script_store::importable_folder() const { return (folder_ / own_folder).string(); }

result<> script_store::make() const {
  std::error_code problem;
  fs::create_directories(folder_, problem);
  if (problem) {
    return fail(error_code::io_error, "cannot make the folder of scripts " + folder_.string() + ": " + problem.message());
  }
  return {};
}

result<> script_store::write(const std::string& name, std::string_view code,
                             const std::optional<script_options>& options, bool is_new) const {
  if (auto good = check_script_name(name); !good) {
    return good;
  }
  if (code.size() > most_code_bytes) {
    return fail(error_code::too_large, "a script may have at most " + std::to_string(most_code_bytes) + " bytes");
  }
  if (auto made = make(); !made) {
    return made;
  }
  const auto files = folder_files::open(folder_);
  const auto lock = files ? files->lock({own_folder}) : result<unique_fd>{std::unexpected(files.error())};
  if (!lock) {
    return std::unexpected(lock.error());
  }
  if (files->has_file(script_file(name)) == is_new) {
    return is_new ? fail(error_code::conflict, "there is a script " + name + " already") : unknown(name);
  }
  if (is_new && list().size() >= most_scripts) {
    return fail(error_code::conflict, "there are " + std::to_string(most_scripts) + " scripts; no more can be stored");
  }
  // The options first: the script is there with the last step, and is never run without them.
  if (options && options->is_empty()) {
    if (auto removed = remove_file(folder_ / own_folder / (name + ".json")); !removed) {
      return removed;
    }
  } else if (options) {
    if (auto kept = files->write(option_file(name), options->to_json().dump(), new_file()); !kept) {
      return std::unexpected(kept.error());
    }
  }
  auto written = files->write(script_file(name), code, new_file());
  return written ? result<>{} : std::unexpected(written.error());
}

result<> script_store::create(const std::string& name, std::string_view code, const script_options& options) const {
  return write(name, code, options, true);
}

result<> script_store::replace(const std::string& name, std::string_view code,
                               const std::optional<script_options>& options) const {
  return write(name, code, options, false);
}

result<> script_store::remove(const std::string& name) const {
  if (auto good = check_script_name(name); !good) {
    return good;
  }
  const auto files = folder_files::open(folder_);
  const auto lock = files ? files->lock({own_folder}) : result<unique_fd>{std::unexpected(files.error())};
  if (!lock) {
    return lock.error().code == error_code::not_found ? unknown(name) : std::unexpected(lock.error());
  }
  if (!files->has_file(script_file(name))) {
    return unknown(name);
  }
  if (auto removed = remove_file(folder_ / name); !removed) {
    return removed;
  }
  return remove_file(folder_ / own_folder / (name + ".json"));
}

result<std::string> script_store::code(const std::string& name) const {
  if (auto good = check_script_name(name); !good) {
    return std::unexpected(good.error());
  }
  const auto files = folder_files::open(folder_);
  if (!files || !files->has_file(script_file(name))) {
    return unknown(name);
  }
  return files->read(script_file(name), most_code_bytes);
}

script_options script_store::options(const std::string& name) const {
  const auto files = folder_files::open(folder_);
  const auto text = files ? files->read(option_file(name), most_option_bytes) : result<std::string>{std::unexpected(files.error())};
  const auto value = text ? parse_text_json(*text) : result<json>{std::unexpected(text.error())};
  if (!value || !value->is_object()) {
    return {};
  }
  return script_options::from_json(*value).value_or(script_options{});
}

std::vector<std::string> script_store::list() const {
  std::vector<std::string> out;
  std::error_code problem;
  for (fs::directory_iterator each(folder_, problem); !problem && each != fs::directory_iterator(); each.increment(problem)) {
    auto name = each->path().filename().string();
    std::error_code unseen;
    if (check_script_name(name) && each->symlink_status(unseen).type() == fs::file_type::regular) {
      out.push_back(std::move(name));
    }
  }
  std::ranges::sort(out);
  if (out.size() > most_scripts) {
    out.resize(most_scripts);
  }
  return out;
}

std::optional<file_version> script_store::look(const std::string& name) const {
  return check_script_name(name) ? version_of(folder_ / name) : std::nullopt;
}

std::optional<file_version> script_store::look_at_options(const std::string& name) const {
  return check_script_name(name) ? version_of(folder_ / own_folder / (name + ".json")) : std::nullopt;
}

} // namespace troupe
