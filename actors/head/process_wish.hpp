#pragma once

#include <troupe/json.hpp>
#include <troupe/reply.hpp>

#include <expected>
#include <string>

namespace troupe {

/// What a `create_process` asks for.
struct process_wish {
  std::string name;      ///< empty: numbered
  bool permanent = true; ///< comes back when it dies
  bool persist = false;  ///< comes back after an orderly end of the system too
  bool declared = false; ///< by the config
};

/// `{name?, restart?: "permanent"|"temporary", persist?}`, or null; the failure is the `bad_request`.
std::expected<process_wish, reply> parse_process_wish(const json& body);

} // namespace troupe
