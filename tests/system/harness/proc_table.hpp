#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace system_test {

struct process_entry {
  pid_t pid = 0;
  pid_t parent = 0;
  char state = '?';    ///< as in /proc/<pid>/stat: R, S, T, Z …
  std::string command; ///< the command line, with blanks between the words
};

/// All processes below this one, zombies included. The test program is their subreaper, so that what a dead daemon left
/// behind is found here too.
std::vector<process_entry> processes_below_us();

/// Those (anywhere) whose command line, working folder or environment names `text`.
std::vector<process_entry> processes_that_name(std::string_view text);

/// Unix sockets that the kernel knows below `folder`, and socket files in it.
std::vector<std::string> sockets_below(const std::filesystem::path& folder);

/// What each open descriptor of a process points to, sorted; the process itself if `pid` is 0.
std::vector<std::string> open_descriptors(pid_t pid = 0);

/// Resident memory in KiB; 0 if there is no such process.
long resident_kib(pid_t pid);

/// True while a process with this id exists and is no zombie.
bool is_alive(pid_t pid);

/// Makes this process the reaper of orphans below it and ignores SIGPIPE. Called by the harness.
void become_subreaper();

/// Collects zombies that were left to us, e.g. after a daemon was killed by a test; only those whose name contains
/// `named`. Children that a `program` waits for are left to it.
void reap_orphans(std::string_view named = {});

/// A child that somebody waits for, until it is told that nobody does any more.
void keep_from_reaping(pid_t pid, bool kept);

std::string to_string(const std::vector<process_entry>& processes);

} // namespace system_test
