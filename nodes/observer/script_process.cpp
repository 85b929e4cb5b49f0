#include "script_process.hpp"

#include "process_limits.hpp"
#include "run_namespace.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace troupe {
namespace {

/// What the child says through the pipe that a successful exec closes.
struct start_failure {
  char step = 0; // 'd' working folder, 'p' limits and namespaces, 'u' user, 's' script, 'x' exec, 'o' other
  int number = 0;
};

std::string find_program(const run_plan& plan) {
  const auto& name = plan.argv.front();
  if (name.find('/') != std::string::npos) {
    return name;
  }
  const auto found = plan.env.find("PATH");
  std::string_view path = found == plan.env.end() ? std::string_view{"/usr/local/bin:/usr/bin:/bin"} : found->second;
  while (!path.empty()) {
    const auto colon = path.find(':');
    const auto folder = path.substr(0, colon);
    if (!folder.empty()) {
      auto candidate = std::string{folder} + "/" + name;
      struct stat info {};
      if (::access(candidate.c_str(), X_OK) == 0 && ::stat(candidate.c_str(), &info) == 0 && S_ISREG(info.st_mode)) {
        return candidate;
      }
    }
    path.remove_prefix(colon == std::string_view::npos ? path.size() : colon + 1);
  }
  return {};
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& text : texts) {
    out.push_back(text.data());
  }
  out.push_back(nullptr);
  return out;
}

bool make_pipe(unique_fd& reader, unique_fd& writer) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return false;
  }
  reader.reset(ends[0]);
  writer.reset(ends[1]);
  return true;
}

struct child_ends {
  unique_fd in;
  unique_fd out;
  unique_fd err;
  unique_fd report;
};

struct exec_request {
  const char* program;
  char** argv;
  char** env;
  const char* folder;
  const run_plan& plan;
  const script_place& place;
};

/// Into its cgroups and namespaces.
bool take_place(const script_place& place) {
  for (const int door : place.doors) {
    if (::write(door, "0", 1) != 1) {
      return false;
    }
  }
  if (place.has_namespace) {
    see_own_processes();
  }
  return true;
}

/// From now on it has no right that its user has not, and gets none back. The kernel forgets the parent's death signal.
bool become_user(const run_plan::owner& user) {
  return ::setgroups(0, nullptr) == 0 && ::setresgid(user.gid, user.gid, user.gid) == 0 &&
         ::setresuid(user.uid, user.uid, user.uid) == 0 && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
}

/// In the child: ends in an exec or in a report. Nothing here takes memory.
[[noreturn]] void become(const exec_request& what, const child_ends& ends, pid_t observer) {
  start_failure failure{'o', 0};
  const auto report = [&] {
    (void)!::write(ends.report.get(), &failure, sizeof failure);
    ::_exit(127);
  };
  for (int number = 1; number < NSIG; ++number) {
    ::signal(number, SIG_DFL);
  }
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (!take_place(what.place)) {
    failure = {'p', errno};
    report();
  }
  limit_process(0, what.plan, what.place.has_memory_net);
  if (what.plan.user && !become_user(*what.plan.user)) {
    failure = {'u', errno};
    report();
  }
  if (!what.place.has_namespace && ::getppid() != observer) { // in one the parent has no number
    ::_exit(127);
  }
  if (what.plan.user && !what.plan.script.empty() && ::access(what.plan.script.c_str(), R_OK) != 0) {
    failure = {'s', errno};
    report();
  }
  if (::dup2(ends.in.get(), 0) < 0 || ::dup2(ends.out.get(), 1) < 0 || ::dup2(ends.err.get(), 2) < 0) {
    failure.number = errno;
    report();
  }
  if (::chdir(what.folder) != 0) {
    failure = {'d', errno};
    report();
  }
  // All descriptors of the observer are closed on exec; this is for those it inherited.
  constexpr unsigned close_range_cloexec = 4;
  ::syscall(SYS_close_range, 3u, ~0u, close_range_cloexec);
  ::execve(what.program, what.argv, what.env);
  failure = {'x', errno};
  report();
  ::_exit(127);
}

std::string explain(const run_plan& plan, const std::string& program, const std::string& folder, start_failure why) {
  const std::string reason = std::strerror(why.number) + (plan.user ? " for the user " + plan.user->name : std::string{});
  if (why.step == 'd') {
    return "cannot start the script: its working folder " + folder + " cannot be entered: " + reason;
  }
  if (why.step == 'p') {
    return "cannot start the script: it cannot be put under its limits: " + reason;
  }
  if (why.step == 'u') {
    return "cannot start the script as the user " + plan.user->name + ": " + std::strerror(why.number);
  }
  if (why.step == 's') {
    return "cannot read the script " + plan.script + ": " + reason;
  }
  auto text = "cannot start " + program + ": " + reason;
  if (why.number == E2BIG) {
    text += " (one argument or variable may have 128 KiB, all together a few MiB: pass large data by a file or by "
            "standard input)";
  } else if (why.number == ENOENT) {
    text += plan.script.empty() ? " (check the command)" : " (install the interpreter or set its path in the config)";
  } else if (why.number == EACCES) {
    text += " (is it a file with the execute permission?)";
  } else if (why.number == ENOEXEC) {
    text += " (a script needs a first line like #!/bin/sh)";
  }
  return text;
}

} // namespace

std::vector<std::string> environment_of(const run_plan& plan) {
  std::vector<std::string> out;
  for (const auto& [name, value] : plan.env) {
    out.push_back(name + "=" + value);
  }
  out.push_back(std::string{run_mark} + "=" + plan.id);
  out.push_back(std::string{call_variable} + "=" + call_socket_of(plan.folder));
  return out;
}

void read_without_waiting(script_process& script) {
  for (auto* end : {&script.in, &script.out, &script.err}) {
    if (*end) {
      ::fcntl(end->get(), F_SETFL, O_NONBLOCK);
    }
  }
}

result<script_process> start_script(const run_plan& plan, const std::string& work_folder, const script_place& where) {
  if (!plan.script.empty() && ::access(plan.script.c_str(), R_OK) != 0) {
    return fail(error_code::not_found, "cannot read the script " + plan.script + ": " + std::strerror(errno));
  }
  const auto program = find_program(plan);
  if (program.empty()) {
    return fail(error_code::not_found, "cannot start " + plan.argv.front() + ": no folder of PATH has it");
  }
  script_process out;
  child_ends ends;
  unique_fd report;
  const bool made = (plan.stdin_open ? make_pipe(ends.in, out.in)
                                     : (ends.in.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC)), bool(ends.in))) &&
                    make_pipe(out.out, ends.out) && make_pipe(out.err, ends.err) && make_pipe(report, ends.report);
  if (!made) {
    return fail(error_code::io_error, std::string{"cannot make the script's pipes: "} + std::strerror(errno));
  }
  auto argv_texts = plan.argv;
  auto env_texts = environment_of(plan);
  auto argv = pointers_to(argv_texts);
  auto env = pointers_to(env_texts);
  const auto& folder = plan.cwd.empty() ? work_folder : plan.cwd;
  const exec_request what{program.c_str(), argv.data(), env.data(), folder.c_str(), plan, where};
  const pid_t observer = ::getpid();
  out.pid = ::fork();
  if (out.pid == 0) {
    become(what, ends, observer);
  }
  if (out.pid < 0) {
    return fail(error_code::io_error, std::string{"cannot start a process: "} + std::strerror(errno));
  }
  ends = {};
  start_failure failure;
  ssize_t got = 0;
  do {
    got = ::read(report.get(), &failure, sizeof failure);
  } while (got < 0 && errno == EINTR);
  if (got > 0) {
    ::waitpid(out.pid, nullptr, 0);
    return fail(error_code::io_error, explain(plan, program, folder, failure));
  }
  read_without_waiting(out);
  return out;
}

} // namespace troupe
