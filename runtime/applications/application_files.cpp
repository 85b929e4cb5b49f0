// Files and folders in an application.
#include "runtime/applications/application_names.hpp"
#include "runtime/applications/application_place.hpp"
#include "runtime/applications/application_store.hpp"

namespace troupe {
namespace {

/// The present version of a file; empty if it is not there.
result<std::string> version_of(const folder_files& files, const folder_files::path_parts& file) {
  const auto content = files.read(file, application_store::most_file_bytes);
  if (content) {
    return content_version(*content);
  }
  if (content.error().code == error_code::not_found) {
    return std::string{};
  }
  return std::unexpected(content.error());
}

bool is_as_expected(const file_expectation& expected, const std::string& version) {
  if (expected.must_be_absent) {
    return version.empty();
  }
  return expected.version == "*" ? !version.empty() : expected.version == version;
}

} // namespace

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

result<application_store::change_of_file> application_store::write_file(const std::string& id, const std::string& path,
                                                                        std::string_view content,
                                                                        const file_expectation& expected) const {
  const auto parts = parts_of_file_path(path);
  if (!parts) {
    return std::unexpected(parts.error());
  }
  if (content.size() > most_file_bytes) {
    return fail(error_code::too_large, "a file of an application has at most 16 MiB");
  }
  const auto turn = application_turn::take(folder_of(id));
  if (!turn) {
    return std::unexpected(turn.error());
  }
  if (!expected.is_any()) {
    auto present = version_of(turn->files, *parts);
    if (!present) {
      return std::unexpected(present.error());
    }
    if (!is_as_expected(expected, *present)) {
      return change_of_file{true, false, std::move(*present)};
    }
  }
  const auto is_new = turn->write(*parts, content);
  return is_new ? result<change_of_file>{change_of_file{false, *is_new, content_version(content)}}
                : std::unexpected(is_new.error());
}

result<application_store::change_of_file> application_store::remove_path(const std::string& id, const std::string& path,
                                                                         bool with_content,
                                                                         const file_expectation& expected) const {
  const auto parts = parts_of_file_path(path);
  if (!parts) {
    return std::unexpected(parts.error());
  }
  change_of_file out;
  auto done = change(id, [&](const folder_files& files, application_meta& meta) -> result<> {
    const auto what = files.look(*parts);
    if (what == folder_files::kind::nothing) {
      return fail(error_code::not_found, "the application has no " + path);
    }
    const bool is_folder = what == folder_files::kind::folder;
    if (!expected.is_any()) {
      auto present = is_folder ? result<std::string>{} : version_of(files, *parts);
      if (!present) {
        return std::unexpected(present.error());
      }
      if (is_folder || !is_as_expected(expected, *present)) {
        out = {true, false, std::move(*present)};
        return {};
      }
    }
    auto removed = is_folder ? files.remove_folder(*parts, with_content, {application_own_folder, "trash"})
                             : files.remove_file(*parts);
    if (removed) {
      meta.forget(path);
    }
    return removed;
  });
  return done ? result<change_of_file>{std::move(out)} : std::unexpected(done.error());
}

result<> application_store::make_folder(const std::string& id, const std::string& path) const {
  const auto parts = parts_of_file_path(path);
  if (!parts) {
    return std::unexpected(parts.error());
  }
  const auto turn = application_turn::take(folder_of(id));
  return turn ? turn->files.make_folder(*parts) : std::unexpected(turn.error());
}

result<> application_store::move_path(const std::string& id, const std::string& from, const std::string& to) const {
  const auto source = parts_of_file_path(from);
  const auto target = source ? parts_of_file_path(to) : source;
  if (!target) {
    return std::unexpected(target.error());
  }
  return change(id, [&](const folder_files& files, application_meta& meta) -> result<> {
    const auto what = files.look(*source);
    const bool is_marked = meta.marks().contains(from);
    if (what == folder_files::kind::nothing) {
      return fail(error_code::not_found, "the application has no " + from + " to move");
    }
    if (what == folder_files::kind::file && is_marked && !is_script_name(to)) {
      return fail(error_code::bad_request, from + " is marked executable, so its name must go on ending in .py, .py3 or .sh");
    }
    if (files.look(*target) != folder_files::kind::nothing) {
      return fail(error_code::conflict, "there is " + to + " already; delete it first");
    }
    meta.begin_move({from, to});
    if (auto noted = write_application_meta(files, meta); !noted) {
      return noted;
    }
    const auto moved = files.move(*source, *target);
    meta.end_move(moved.has_value());
    if (!moved) {
      (void)write_application_meta(files, meta); // what is left of it would be harmless
    }
    return moved;
  });
}

} // namespace troupe
