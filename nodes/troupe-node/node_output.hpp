#pragma once

#include <troupe/context.hpp>

#include <string_view>

namespace troupe {

/// A line on standard output, whole also when many threads print: the daemon shows it with the node's name.
void print_line(std::string_view line);

/// A line on standard error, its first letter the level (`D`, `I`, `W`, `E`): the daemon puts it into the log.
void log_line(log_level level, std::string_view text);

} // namespace troupe
