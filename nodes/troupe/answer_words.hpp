#pragma once

#include <troupe/json.hpp>

#include <string>
#include <string_view>

namespace troupe::cli {

/// Whether the command of an answer says that what was asked did not happen: `timer`, `is_not_handled`, `bad_request`,
/// `actor_has_failed`, `process_is_not_created`, ...
bool is_failure_answer(std::string_view command);

/// A sentence for people about a failure answer that does not explain itself; may be empty.
std::string_view failure_hint(std::string_view command);

/// What a failure answer says, on one line: its command, and its reason, our hint, or its body.
std::string failure_text(const json& message);

} // namespace troupe::cli
