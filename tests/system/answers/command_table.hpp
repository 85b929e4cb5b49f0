#pragma once

#include "tests/system/harness/test_system.hpp"

#include <string>
#include <vector>

namespace system_test {

/// One row of the protocol: who is asked what, and which answers are right.
struct command_row {
  std::string to; ///< `head`, `node` (a process admin) or `actor`
  std::string command;
  json body;
  std::vector<std::string> answers;
};

/// PEACEPIE 3.1 to 3.6 with bodies as the model wants them, and with bodies that name what is not there. `node` is the
/// process admin that the rows are asked at. The rows are in an order in which each is right.
std::vector<command_row> protocol_rows(const std::string& node);

/// The commands of the model that must not be obeyed while bad bodies are tried on everything: they end what is asked.
bool ends_its_receiver(const std::string& command);

/// Bodies that fit no command.
std::vector<json> bad_bodies();

} // namespace system_test
