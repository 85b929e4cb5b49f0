#include "nodes/troupe/commands.hpp"
#include "nodes/troupe/fd_sink.hpp"
#include "nodes/troupe/state_dir.hpp"

#include <csignal>
#include <unistd.h>

int main(int argc, char** argv) {
  // a reader who has gone shows as a failed write, which each command takes as its end
  std::signal(SIGPIPE, SIG_IGN);
  troupe::cli::fd_sink sink;
  const bool colour = ::isatty(STDOUT_FILENO) != 0 && troupe::cli::environment_value("NO_COLOR").empty() &&
                      troupe::cli::environment_value("TERM") != "dumb";
  return troupe::cli::run_program({argv + 1, argv + argc}, sink, colour);
}
