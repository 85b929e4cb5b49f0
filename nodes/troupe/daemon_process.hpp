#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace troupe::cli {

/// A process that is not necessarily our child, held by a pidfd: the number cannot come to mean another one. Move-only.
class held_process {
public:
  /// Nothing if no such process lives.
  static std::optional<held_process> open(int pid);
  /// A child of this program, also when it has ended and was not waited for yet.
  static std::optional<held_process> open_child(int pid);

  held_process(held_process&& other) noexcept;
  held_process& operator=(held_process&&) = delete;
  ~held_process();

  int pid() const noexcept { return pid_; }
  const std::string& name() const noexcept { return name_; } ///< of its program, at most 15 bytes

  /// Whether it ended within that time.
  bool wait_end(std::chrono::milliseconds limit) const;
  /// Nothing happens if it has ended.
  void signal(int number) const;

private:
  held_process(int pid, int fd, std::string name) : pid_(pid), fd_(fd), name_(std::move(name)) {}

  int pid_;
  int fd_;
  std::string name_;
};

/// The daemon that `ready.json` names; nothing if that process is gone or is another program by now.
std::optional<held_process> open_daemon(int pid);

/// All living nodes and observers of a system: what is below its daemon (0: there is none), the nodes that were started
/// with that settings file (a daemon that came later is not their parent), and what is below these.
std::vector<held_process> open_system(int daemon, const std::string& settings_file);

/// The folder of this program, where the others are.
std::filesystem::path program_dir();

} // namespace troupe::cli
