#include "nodes/troupe-node/node_output.hpp"

#include <string>

#include <unistd.h>

namespace troupe {

namespace {

/// One write per line: pieces of two lines never mix as long as they fit the pipe's atomic size.
void write_line(int to, std::string_view head, std::string_view text) {
  std::string line{head};
  line += text;
  for (auto& letter : line) {
    letter = letter == '\n' ? ' ' : letter;
  }
  line += '\n';
  std::string_view left{line};
  while (!left.empty()) {
    const auto written = ::write(to, left.data(), left.size());
    if (written <= 0) {
      return; // nobody reads any more: the daemon is gone
    }
    left.remove_prefix(static_cast<std::size_t>(written));
  }
}

} // namespace

void print_line(std::string_view line) { write_line(STDOUT_FILENO, {}, line); }

void log_line(log_level level, std::string_view text) {
  constexpr std::string_view heads[]{"D ", "I ", "W ", "E "};
  write_line(STDERR_FILENO, heads[static_cast<int>(level)], text);
}

} // namespace troupe
