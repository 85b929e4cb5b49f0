#include "runtime/applications/folder_files.hpp"
#include "runtime/applications/beneath.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace troupe {
namespace {

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr int deepest = 40;
constexpr std::size_t most_looked_at = 100'000;

std::unexpected<error> refused(const std::string& what, int reason) {
  switch (reason) {
  case ENOENT: return fail(error_code::not_found, what + ": it is not there");
  case ELOOP: return fail(error_code::conflict, what + ": a link is on the way, and links are not followed");
  case ENOTDIR: return fail(error_code::conflict, what + ": a file or a link is where a folder should be");
  case EISDIR:
  case ENOTEMPTY:
  case EEXIST: return fail(error_code::conflict, what + ": there is a folder of this name");
  default: return fail(error_code::io_error, what + ": " + std::strerror(reason));
  }
}

result<> write_all(int fd, std::string_view content, const std::string& what) {
  while (!content.empty()) {
    const auto written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno != EINTR) {
      return refused(what, errno);
    }
    content.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
  return ::fsync(fd) == 0 ? result<>{} : refused(what, errno);
}

/// Walks a tree of folders, each opened from the one above.
struct tree_walk {
  folder_files::listing& out;
  std::string_view left_out;
  std::size_t most;
  std::size_t looked_at = 0;

  void walk(unique_fd folder, const std::string& prefix, int depth) {
    const std::unique_ptr<DIR, int (*)(DIR*)> opened{::fdopendir(folder.get()), &::closedir};
    if (!opened) {
      return;
    }
    const int fd = folder.release();
    while (const dirent* each = ::readdir(opened.get())) {
      const std::string_view name = each->d_name;
      if (name == "." || name == ".." || (depth == 0 && name == left_out)) {
        continue;
      }
      if (out.files.size() + out.folders.size() >= most || ++looked_at > most_looked_at || depth > deepest) {
        out.truncated = true;
        return;
      }
      take(fd, prefix + each->d_name, each->d_name, depth);
    }
  }

  void take(int folder, const std::string& path, const char* name, int depth) {
    struct stat info {};
    if (::fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
      return;
    }
    if (S_ISREG(info.st_mode)) {
      out.files.push_back({path, static_cast<std::uint64_t>(info.st_size)});
    } else if (S_ISDIR(info.st_mode)) {
      if (unique_fd below{::openat(folder, name, folder_flags)}) {
        out.folders.push_back(path);
        walk(std::move(below), path + "/", depth + 1);
      }
    }
  }
};

} // namespace

result<folder_files> folder_files::open(const std::filesystem::path& folder) {
  unique_fd opened{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!opened) {
    return refused("cannot open the folder " + folder.string(), errno);
  }
  return folder_files(std::move(opened));
}

result<unique_fd> folder_files::parent_of(const path_parts& file, bool make) const {
  unique_fd here{::fcntl(folder_.get(), F_DUPFD_CLOEXEC, 0)};
  for (std::size_t i = 0; here && i + 1 < file.size(); ++i) {
    if (make && ::mkdirat(here.get(), file[i].c_str(), 0755) == 0) {
      ::fsync(here.get());
    } else if (make && errno != EEXIST) {
      return refused("cannot make the folder of " + joined(file), errno);
    }
    unique_fd next{::openat(here.get(), file[i].c_str(), folder_flags)};
    if (!next) {
      return refused("cannot open the folder of " + joined(file), errno);
    }
    here = std::move(next);
  }
  return here ? result<unique_fd>{std::move(here)} : refused("cannot open the folder of " + joined(file), errno);
}

folder_files::kind folder_files::look(const path_parts& path) const {
  const auto parent = parent_of(path, false);
  struct stat info {};
  if (!parent || ::fstatat(parent->get(), path.back().c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    return kind::nothing;
  }
  return S_ISREG(info.st_mode) ? kind::file : S_ISDIR(info.st_mode) ? kind::folder : kind::other;
}

bool folder_files::has_file(const path_parts& file) const { return look(file) == kind::file; }

result<unique_fd> folder_files::open_file(const path_parts& file) const {
  const auto what = "cannot read " + joined(file);
  const auto parent = parent_of(file, false);
  if (!parent) {
    return std::unexpected(parent.error());
  }
  // not to wait for the other end of a pipe
  unique_fd opened{::openat(parent->get(), file.back().c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
  struct stat info {};
  if (!opened || ::fstat(opened.get(), &info) != 0) {
    return refused(what, errno);
  }
  return S_ISREG(info.st_mode) ? result<unique_fd>{std::move(opened)}
                               : fail(error_code::conflict, what + ": it is no file");
}

result<std::string> folder_files::read(const path_parts& file, std::size_t most) const {
  const auto what = "cannot read " + joined(file);
  const auto opened = open_file(file);
  struct stat info {};
  if (!opened || ::fstat(opened->get(), &info) != 0) {
    return opened ? refused(what, errno) : std::unexpected(opened.error());
  }
  if (static_cast<std::size_t>(info.st_size) > most) {
    return fail(error_code::too_large, what + ": it has " + std::to_string(info.st_size) + " bytes, " +
                                         std::to_string(most) + " are possible here");
  }
  std::string content(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t have = 0;
  while (have < content.size()) {
    const auto got = ::read(opened->get(), content.data() + have, content.size() - have);
    if (got < 0 && errno != EINTR) {
      return refused(what, errno);
    }
    if (got == 0) {
      break;
    }
    have += got < 0 ? 0 : static_cast<std::size_t>(got);
  }
  content.resize(have);
  return content;
}

result<bool> folder_files::write(const path_parts& file, std::string_view content, const path_parts& beside) const {
  const auto what = "cannot write " + joined(file);
  const auto place = parent_of(beside, true);
  const auto parent = place ? parent_of(file, true) : result<unique_fd>{std::unexpected(place.error())};
  if (!parent) {
    return std::unexpected(parent.error());
  }
  struct stat info {};
  const bool is_there = ::fstatat(parent->get(), file.back().c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
  if (is_there && !S_ISREG(info.st_mode)) {
    return fail(error_code::conflict, what + ": there is a folder, a link or a device of this name");
  }
  ::unlinkat(place->get(), beside.back().c_str(), 0); // left by a write that was cut off
  constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  const unique_fd opened{::openat(place->get(), beside.back().c_str(), flags, 0644)};
  if (!opened) {
    return refused(what, errno);
  }
  if (auto written = write_all(opened.get(), content, what); !written) {
    ::unlinkat(place->get(), beside.back().c_str(), 0);
    return std::unexpected(written.error());
  }
  if (::renameat(place->get(), beside.back().c_str(), parent->get(), file.back().c_str()) != 0) {
    const int reason = errno;
    ::unlinkat(place->get(), beside.back().c_str(), 0);
    return refused(what, reason);
  }
  ::fsync(parent->get());
  return !is_there;
}

folder_files::listing folder_files::list(std::string_view left_out, std::size_t most) const {
  listing out;
  if (unique_fd top{::openat(folder_.get(), ".", folder_flags)}) {
    tree_walk{out, left_out, most}.walk(std::move(top), "", 0);
  }
  std::ranges::sort(out.files, {}, &entry::path);
  std::ranges::sort(out.folders);
  return out;
}

result<unique_fd> folder_files::lock(const path_parts& below) const {
  auto file = below;
  file.emplace_back(".");
  auto opened = parent_of(file, true);
  while (opened && ::flock(opened->get(), LOCK_EX) != 0) {
    if (errno != EINTR) {
      return refused("cannot lock " + joined(below), errno);
    }
  }
  return opened;
}

} // namespace troupe
