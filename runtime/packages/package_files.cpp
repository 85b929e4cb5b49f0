#include "runtime/packages/package_files.hpp"

#include "runtime/packages/manifest.hpp"

#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe {

namespace {

constexpr std::size_t manifest_limit = 4u << 20;

class descriptor {
public:
  explicit descriptor(int number) : number_(number) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (number_ >= 0) {
      ::close(number_);
    }
  }
  int get() const noexcept { return number_; }
  void reset(int number) {
    if (number_ >= 0) {
      ::close(number_);
    }
    number_ = number;
  }

private:
  int number_;
};

std::unexpected<error> refused(const std::filesystem::path& folder, std::string_view path, std::string why) {
  return fail(error_code::package_error,
              "cannot read " + (folder / path).string() + " of a package: " + std::move(why));
}

/// Opens a regular file below `folder` without following a link on the way. The number is the caller's to close.
result<int> open_inside(const std::filesystem::path& folder, std::string_view path) {
  descriptor at(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (at.get() < 0) {
    return refused(folder, path, std::strerror(errno));
  }
  std::string_view rest = path;
  while (true) {
    const auto slash = rest.find('/');
    const std::string piece(rest.substr(0, slash));
    const bool last = slash == std::string_view::npos;
    // O_NONBLOCK: opening a pipe must not wait for its writer.
    const int flags = last ? O_RDONLY | O_NONBLOCK : O_PATH | O_DIRECTORY;
    const int next = ::openat(at.get(), piece.c_str(), flags | O_NOFOLLOW | O_CLOEXEC);
    if (next < 0) {
      const int problem = errno;
      const bool link = problem == ELOOP || (problem == ENOTDIR && !last);
      return refused(folder, path,
                     link ? "it is, or goes through, a symbolic link; a package has plain files only"
                          : std::strerror(problem));
    }
    if (!last) {
      at.reset(next);
      rest.remove_prefix(slash + 1);
      continue;
    }
    struct stat facts {};
    if (::fstat(next, &facts) != 0 || !S_ISREG(facts.st_mode)) {
      ::close(next);
      return refused(folder, path, "it is not a plain file");
    }
    return next;
  }
}

/// Calls `take` with each piece of the file until it returns false or the end comes; the error number of a failed read.
template <class Take>
int read_pieces(int file, Take take) {
  std::vector<char> buffer(256 * 1024);
  while (true) {
    const auto count = ::read(file, buffer.data(), buffer.size());
    if (count < 0) {
      if (errno == EINTR) {
        continue;
      }
      return errno;
    }
    if (count == 0 || !take(buffer.data(), static_cast<std::size_t>(count))) {
      return 0;
    }
  }
}

} // namespace

result<std::string> package_files::read_manifest() const {
  const auto opened = open_inside(folder_, manifest_file_name);
  if (!opened) {
    return std::unexpected(opened.error());
  }
  const descriptor file(*opened);
  std::string text;
  const int problem = read_pieces(file.get(), [&](const char* data, std::size_t size) {
    text.append(data, size);
    return text.size() <= manifest_limit;
  });
  if (problem != 0) {
    return refused(folder_, manifest_file_name, std::strerror(problem));
  }
  if (text.size() > manifest_limit) {
    return refused(folder_, manifest_file_name, "it is larger than 4 MiB");
  }
  return text;
}

result<std::string> package_files::sha256(std::string_view path) const {
  const auto opened = open_inside(folder_, path);
  if (!opened) {
    return std::unexpected(opened.error());
  }
  const descriptor file(*opened);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  bool ok = digest && EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr) == 1;
  const int problem = read_pieces(file.get(), [&](const char* data, std::size_t size) {
    ok = ok && EVP_DigestUpdate(digest.get(), data, size) == 1;
    return ok;
  });
  if (problem != 0) {
    return refused(folder_, path, std::strerror(problem));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> value{};
  unsigned size = 0;
  if (!ok || EVP_DigestFinal_ex(digest.get(), value.data(), &size) != 1) {
    return refused(folder_, path, "OpenSSL could not compute its SHA-256");
  }
  static constexpr char digits[] = "0123456789abcdef";
  std::string hex;
  for (unsigned i = 0; i < size; ++i) {
    hex += digits[value[i] >> 4];
    hex += digits[value[i] & 15];
  }
  return hex;
}

std::string package_files::signature(std::string_view path) const {
  struct stat facts {};
  if (::lstat((folder_ / path).c_str(), &facts) != 0) {
    return "-";
  }
  return std::to_string(facts.st_dev) + "." + std::to_string(facts.st_ino) + "." + std::to_string(facts.st_size) + "." +
         std::to_string(facts.st_mtim.tv_sec) + "." + std::to_string(facts.st_mtim.tv_nsec) + "." +
         std::to_string(facts.st_ctim.tv_sec) + "." + std::to_string(facts.st_ctim.tv_nsec);
}

} // namespace troupe
