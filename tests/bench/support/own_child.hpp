#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <sys/types.h>

namespace bench {

/// This program again, in a process of its own, with other arguments and one end of a socketpair as descriptor
/// `number`. The destructor closes the near end, unless somebody took it, and waits for the end of the process.
class own_child {
public:
  static constexpr int number = 3;

  explicit own_child(std::vector<std::string> arguments);
  ~own_child();
  own_child(const own_child&) = delete;
  own_child& operator=(const own_child&) = delete;

  int socket() const noexcept { return socket_; }
  /// The near end, which is then the caller's.
  int take_socket();
  pid_t pid() const noexcept { return pid_; }
  /// Throws if the other end closes before.
  void read_exactly(void* to, std::size_t size) const;

private:
  pid_t pid_ = 0;
  int socket_ = -1;
};

} // namespace bench
