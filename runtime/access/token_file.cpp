#include "runtime/access/token_file.hpp"

#include "runtime/access/secrets.hpp"

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe {
namespace {

class file_descriptor {
public:
  explicit file_descriptor(int number) : number_(number) {}
  file_descriptor(const file_descriptor&) = delete;
  file_descriptor& operator=(const file_descriptor&) = delete;
  ~file_descriptor() {
    if (number_ >= 0) {
      ::close(number_);
    }
  }
  int number() const noexcept { return number_; }
  bool is_open() const noexcept { return number_ >= 0; }

private:
  int number_;
};

std::unexpected<error> refused(const std::string& path, const std::string& why) {
  return fail(error_code::io_error, "the access token in " + path + " cannot be used: " + why);
}

/// Nothing if there is no file.
result<std::optional<std::string>> read_token(const std::string& path) {
  file_descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file.is_open()) {
    if (errno == ENOENT) {
      return std::nullopt;
    }
    return refused(path, errno == ELOOP ? "it is a symbolic link; remove it" : std::strerror(errno));
  }
  struct stat facts {};
  if (::fstat(file.number(), &facts) != 0 || !S_ISREG(facts.st_mode)) {
    return refused(path, "it is not a regular file; remove it");
  }
  if (facts.st_uid != ::geteuid()) {
    return refused(path, "it belongs to another user; remove it");
  }
  if ((facts.st_mode & 077) != 0) {
    return refused(path, "others may read or write it; remove it (a new token is made) or set mode 0600");
  }
  char buffer[1024];
  const ssize_t size = ::read(file.number(), buffer, sizeof buffer);
  if (size < 0) {
    return refused(path, std::strerror(errno));
  }
  std::string text(buffer, static_cast<std::size_t>(size));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.pop_back();
  }
  if (!looks_like_secret(text)) {
    return refused(path, "it holds no token (20 or more letters, digits, `-` or `_`); remove it, a new one is made");
  }
  return text;
}

/// A complete file appears under `path` at once, or not at all; somebody else's file is left alone.
result<> write_token(const std::string& path, const std::string& token) {
  const std::string draft = path + "." + random_secret(6);
  {
    file_descriptor file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file.is_open()) {
      return refused(path, std::string("it cannot be written: ") + std::strerror(errno));
    }
    const std::string line = token + "\n";
    if (::write(file.number(), line.data(), line.size()) != static_cast<ssize_t>(line.size()) ||
        ::fsync(file.number()) != 0) {
      const int problem = errno;
      ::unlink(draft.c_str());
      return refused(path, std::string("it cannot be written: ") + std::strerror(problem));
    }
  }
  const int linked = ::link(draft.c_str(), path.c_str());
  const int problem = errno;
  ::unlink(draft.c_str());
  if (linked != 0 && problem != EEXIST) {
    return refused(path, std::string("it cannot be written: ") + std::strerror(problem));
  }
  return {};
}

} // namespace

result<std::string> load_or_make_token(const std::string& path) {
  auto present = read_token(path);
  if (present && !*present) {
    if (auto written = write_token(path, random_secret()); !written) {
      return std::unexpected(written.error());
    }
    present = read_token(path);
  }
  if (!present) {
    return std::unexpected(present.error());
  }
  if (!*present) {
    return refused(path, "it vanished while it was made");
  }
  return std::move(**present);
}

} // namespace troupe
