#include "tests/bench/support/own_child.hpp"

#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace bench {

own_child::own_child(std::vector<std::string> arguments) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
    throw std::runtime_error("no socketpair");
  }
  // A descriptor that has the wanted number already would keep its close-on-exec mark.
  const int moved = ::fcntl(pair[1], F_DUPFD_CLOEXEC, number + 1);
  ::close(pair[1]);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, moved, number);
  arguments.insert(arguments.begin(), "/proc/self/exe");
  std::vector<char*> argv;
  for (auto& argument : arguments) {
    argv.push_back(argument.data());
  }
  argv.push_back(nullptr);
  const int problem = ::posix_spawn(&pid_, argv.front(), &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(moved);
  socket_ = pair[0];
  if (problem != 0) {
    ::close(socket_);
    throw std::runtime_error("this program cannot be started again");
  }
}

own_child::~own_child() {
  if (socket_ >= 0) {
    ::close(socket_);
  }
  ::waitpid(pid_, nullptr, 0);
}

int own_child::take_socket() {
  return std::exchange(socket_, -1);
}

void own_child::read_exactly(void* to, std::size_t size) const {
  for (std::size_t taken = 0; taken < size;) {
    const auto count = ::read(socket_, static_cast<char*>(to) + taken, size - taken);
    if (count <= 0) {
      throw std::runtime_error("the other process has gone");
    }
    taken += static_cast<std::size_t>(count);
  }
}

} // namespace bench
