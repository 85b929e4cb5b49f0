#pragma once

#include <troupe/context.hpp>
#include <troupe/json.hpp>
#include <troupe/result.hpp>

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// What is wrong with a frame, in the words of the model's `bad_request`.
struct frame_fault {
  std::string field;
  std::string expected;
  bool too_large = false;
};

/// `{type: "ask"|"send", command, body, timeout, recipient}`: how people and programs outside put a message.
struct message_frame {
  bool is_ask = true;
  request what;
};

struct frame_rules {
  double default_timeout_s = 10;
  bool lenient_timeout = false; ///< a timeout that is no number means the default (the model's web socket)
  bool needs_type = false;
  std::size_t max_message_bytes = 64u << 20;
};

std::expected<message_frame, frame_fault> read_frame(std::string_view text, const frame_rules& rules);

/// Reads `recipient`: null and "" mean the admin of the gateway's node.
std::optional<address> read_recipient(const json& value);

} // namespace troupe
