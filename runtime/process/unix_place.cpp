#include <runtime/process/unix_place.hpp>

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace troupe {
namespace {

constexpr int backlog = 64;

/// The address of a path of any length; valid as long as this lives.
class place {
public:
  explicit place(const std::string& path) {
    address_.sun_family = AF_UNIX;
    std::string name = path;
    if (name.size() >= sizeof address_.sun_path) {
      const auto slash = path.rfind('/');
      folder_.reset(::open(path.substr(0, slash + 1).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
      name = "/proc/self/fd/" + std::to_string(folder_.get()) + path.substr(slash);
    }
    if (name.size() < sizeof address_.sun_path && (folder_ || name == path)) {
      std::memcpy(address_.sun_path, name.c_str(), name.size() + 1);
      is_good_ = true;
    }
  }

  bool is_good() const noexcept { return is_good_; }
  const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&address_); }
  static constexpr socklen_t size() noexcept { return sizeof(sockaddr_un); }

private:
  sockaddr_un address_{};
  unique_fd folder_;
  bool is_good_ = false;
};

unique_fd new_socket() {
  return unique_fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
}

} // namespace

result<unique_fd> listen_in_own_folder(const std::string& path) {
  const place where{path};
  auto listener = new_socket();
  ::unlink(path.c_str());
  if (!listener || !where.is_good() || ::bind(listener.get(), where.get(), place::size()) != 0 ||
      ::listen(listener.get(), backlog) != 0) {
    return fail(error_code::io_error, "cannot listen at " + path + ": " + std::strerror(errno));
  }
  return listener;
}

result<unique_fd> listen_at_path(const std::string& path) {
  const auto before = ::umask(0177);
  auto listener = listen_in_own_folder(path);
  ::umask(before);
  return listener;
}

result<unique_fd> connect_to_path(const std::string& path) {
  const place where{path};
  auto socket = new_socket();
  if (!socket || !where.is_good()) {
    return fail(errno == EMFILE || errno == ENFILE ? error_code::unavailable : error_code::not_found,
                "cannot connect to " + path + ": " + std::strerror(errno));
  }
  if (::connect(socket.get(), where.get(), place::size()) != 0) {
    const bool may_come = errno == EAGAIN || errno == EINTR;
    return fail(may_come ? error_code::unavailable : error_code::not_found,
                "cannot connect to " + path + ": " + std::strerror(errno));
  }
  return socket;
}

unique_fd accept_from(int listener) {
  return unique_fd{::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
}

socket_peer peer_of(int connection) {
  ucred who{};
  socklen_t size = sizeof who;
  if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) {
    return {};
  }
  return {who.pid, who.uid};
}

} // namespace troupe
