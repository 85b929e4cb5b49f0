#include "runtime/caf/transport/unix_acceptor.hpp"

#include "runtime/caf/transport/transport_core.hpp"

#include <caf/atom.hpp>
#include <caf/behavior.hpp>
#include <caf/io/broker.hpp>
#include <caf/io/middleman.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <exception>
#include <utility>

namespace troupe {

namespace {

using rested_atom = caf::atom_constant<caf::atom("lnkrested")>;

constexpr int accepts_per_event = 16;
constexpr auto rest_time = std::chrono::milliseconds{100};

int open_reserve() {
  return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

bool is_shortage(int number) {
  return number == EMFILE || number == ENFILE || number == ENOBUFS || number == ENOMEM;
}

} // namespace

unix_acceptor::unix_acceptor(std::shared_ptr<transport_core> core, std::string path, listening_socket socket,
                             handler_maker maker)
    : event_handler(core->loop(), socket.fd), core_(std::move(core)), path_(std::move(path)), socket_(socket),
      maker_(std::move(maker)), reserve_(open_reserve()) {}

unix_acceptor::~unix_acceptor() {
  if (reserve_ >= 0)
    ::close(reserve_);
  ::close(std::exchange(fd_, caf::io::network::invalid_native_socket));
  core_->closed();
}

void unix_acceptor::open() {
  is_open_ = true;
  is_resting_ = false;
  in_loop_ = shared_from_this();
  activate();
}

void unix_acceptor::close() {
  if (!std::exchange(is_open_, false))
    return;
  remove_socket_file(path_, socket_);
  ::shutdown(fd_, SHUT_RDWR);
  if (!is_resting_)
    passivate();
  core_->forget(shared_from_this());
}

void unix_acceptor::removed_from_loop(caf::io::network::operation) {
  in_loop_.reset();
}

void unix_acceptor::graceful_shutdown() {
  close();
}

void unix_acceptor::handle_event(caf::io::network::operation op) {
  const auto guard = shared_from_this();
  if (op != caf::io::network::operation::read)
    return;
  for (int i = 0; i < accepts_per_event && is_open_; ++i) {
    const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0)
      take(fd);
    else if (!is_shortage(errno))
      return;
    else if (!turn_away())
      return rest();
  }
}

void unix_acceptor::rest() {
  is_resting_ = true;
  passivate();
  core_->system().middleman().spawn_broker<caf::hidden>(
    [](caf::io::broker* self, const std::weak_ptr<unix_acceptor>& resting) -> caf::behavior {
      self->delayed_send(self, rest_time, rested_atom::value);
      return {[=](rested_atom) {
        self->quit();
        if (const auto acceptor = resting.lock(); acceptor && acceptor->is_open_)
          acceptor->open();
      }};
    },
    weak_from_this());
}

void unix_acceptor::take(int fd) {
  if (auto checked = check_peer(fd); !checked) {
    core_->log("a connection to " + path_ + " was refused: " + checked.error().text);
    ::close(fd);
    return;
  }
  std::shared_ptr<link_handler> handler;
  try {
    handler = maker_();
  } catch (const std::exception& thrown) {
    core_->log("a connection to " + path_ + " was refused: " + thrown.what());
  }
  if (handler)
    core_->adopt(fd, std::move(handler));
  else
    ::close(fd);
}

bool unix_acceptor::turn_away() {
  core_->log("a connection to " + path_ + " was turned away: " + errno_text(errno));
  if (reserve_ < 0)
    return (reserve_ = open_reserve()) >= 0;
  ::close(reserve_);
  const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd >= 0)
    ::close(fd);
  reserve_ = open_reserve();
  return fd >= 0;
}

} // namespace troupe
