// What changes the tree of folders: made, moved, removed.
#include "runtime/applications/folder_files.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

namespace troupe {
namespace {

constexpr int tree_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr int deepest_tree = 100;

std::unexpected<error> change_refused(const std::string& what, int reason) {
  const auto code = reason == ENOENT                                                                    ? error_code::not_found
                    : reason == EEXIST || reason == ENOTEMPTY || reason == ENOTDIR || reason == EISDIR ||
                        reason == ELOOP || reason == EINVAL                                              ? error_code::conflict
                                                                                                         : error_code::io_error;
  const char* why = reason == ENOENT      ? "it is not there"
                    : reason == EEXIST    ? "there is something of this name"
                    : reason == ENOTEMPTY ? "the folder is not empty"
                    : reason == ENOTDIR   ? "it is no folder"
                    : reason == EISDIR    ? "it is a folder"
                    : reason == EINVAL    ? "a folder cannot go into itself"
                                          : std::strerror(reason);
  return fail(code, what + ": " + why);
}

/// Everything in the folder `name`, and the folder; as far as it can be.
void remove_tree(int above, const char* name, int depth) {
  const int fd = depth < deepest_tree ? ::openat(above, name, tree_flags) : -1;
  if (fd >= 0) {
    const std::unique_ptr<DIR, int (*)(DIR*)> opened{::fdopendir(fd), &::closedir};
    while (const dirent* each = opened ? ::readdir(opened.get()) : nullptr) {
      const std::string_view entry = each->d_name;
      if (entry != "." && entry != ".." && ::unlinkat(fd, each->d_name, 0) != 0) {
        remove_tree(fd, each->d_name, depth + 1);
      }
    }
  }
  ::unlinkat(above, name, AT_REMOVEDIR);
}

} // namespace

result<> folder_files::make_folder(const path_parts& folder) const {
  const auto what = "cannot make the folder " + folder.back();
  const auto parent = parent_of(folder, true);
  if (!parent) {
    return std::unexpected(parent.error());
  }
  if (::mkdirat(parent->get(), folder.back().c_str(), 0755) != 0) {
    return change_refused(what, errno);
  }
  ::fsync(parent->get());
  return {};
}

result<> folder_files::move(const path_parts& from, const path_parts& to) const {
  const auto what = "cannot move " + from.back() + " to " + to.back();
  const auto source = parent_of(from, false);
  if (!source) {
    return std::unexpected(source.error());
  }
  struct stat info {};
  if (::fstatat(source->get(), from.back().c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    return change_refused(what, errno); // before folders are made
  }
  const auto target = parent_of(to, true);
  if (!target) {
    return std::unexpected(target.error());
  }
  if (::renameat2(source->get(), from.back().c_str(), target->get(), to.back().c_str(), RENAME_NOREPLACE) != 0) {
    return change_refused(what, errno);
  }
  ::fsync(target->get());
  ::fsync(source->get());
  return {};
}

result<> folder_files::remove_file(const path_parts& file) const {
  const auto parent = parent_of(file, false);
  if (!parent) {
    return std::unexpected(parent.error());
  }
  if (::unlinkat(parent->get(), file.back().c_str(), 0) != 0) {
    return change_refused("cannot delete " + file.back(), errno);
  }
  ::fsync(parent->get());
  return {};
}

result<> folder_files::remove_folder(const path_parts& folder, bool whole, const path_parts& trash) const {
  const auto what = "cannot delete the folder " + folder.back();
  const auto parent = parent_of(folder, false);
  if (!parent) {
    return std::unexpected(parent.error());
  }
  if (!whole) {
    if (::unlinkat(parent->get(), folder.back().c_str(), AT_REMOVEDIR) != 0) {
      return change_refused(what, errno);
    }
    ::fsync(parent->get());
    return {};
  }
  const auto place = parent_of(trash, true);
  if (!place) {
    return std::unexpected(place.error());
  }
  remove_tree(place->get(), trash.back().c_str(), 0); // left by a removal that was cut off
  if (::renameat(parent->get(), folder.back().c_str(), place->get(), trash.back().c_str()) != 0) {
    return change_refused(what, errno);
  }
  ::fsync(parent->get());
  remove_tree(place->get(), trash.back().c_str(), 0);
  return {};
}

} // namespace troupe
