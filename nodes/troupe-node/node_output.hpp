#pragma once

#include <troupe/context.hpp>

#include <string_view>

namespace troupe {

/// A line on standard output, whole also when many threads print: the daemon shows it with the node's name. Waits while
/// the daemon is there and does not keep up; without a daemon it never waits.
void print_line(std::string_view line);

/// A line on standard error, its first letter the level (`D`, `I`, `W`, `E`): the daemon puts it into the log.
void log_line(log_level level, std::string_view text);

/// The daemon, which reads both, is gone: what is written from now on, also by packages, stays in the pipes for the next
/// daemon (it opens their other ends anew); what does not fit is dropped, and nobody waits.
void hold_output();
/// A daemon reads again. Says in the log how much was dropped.
void release_output();

} // namespace troupe
