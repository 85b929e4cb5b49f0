#include "web/routes/message_frame.hpp"

#include "runtime/text_json/text_json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace troupe {
namespace {

constexpr double longest_timeout_s = 7 * 24 * 3600.0;

std::unexpected<frame_fault> fault(std::string field, std::string expected, bool too_large = false) {
  return std::unexpected(frame_fault{std::move(field), std::move(expected), too_large});
}

/// Nothing if it is no usable number of seconds.
std::optional<double> read_seconds(const json& value) {
  double time = 0;
  if (value.is_number()) {
    time = value.get<double>();
  } else if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), time);
    if (problem != std::errc{} || end != text.data() + text.size()) {
      return std::nullopt;
    }
  } else {
    return std::nullopt;
  }
  if (!std::isfinite(time) || time <= 0) {
    return std::nullopt;
  }
  return std::min(time, longest_timeout_s);
}

std::optional<frame_fault> read_timeout(const json& frame, const frame_rules& rules, message_frame& out) {
  const auto found = frame.find("timeout");
  const bool given = found != frame.end() && !found->is_null();
  const auto time = given ? read_seconds(*found) : std::nullopt;
  if (given && !time && !rules.lenient_timeout) {
    return frame_fault{"timeout", "a number of seconds above 0"};
  }
  if (out.is_ask || time) {
    out.what.timeout = seconds(time.value_or(rules.default_timeout_s));
  }
  return std::nullopt;
}

} // namespace

std::optional<address> read_recipient(const json& value) {
  if (value.is_string() && value.get_ref<const std::string&>().empty()) {
    return address{};
  }
  return address::from_json(value);
}

std::expected<message_frame, frame_fault> read_frame(std::string_view text, const frame_rules& rules) {
  auto parsed = parse_text_json(text);
  if (!parsed) {
    return fault("frame", "one JSON object; " + parsed.error().text);
  }
  if (!parsed->is_object()) {
    return fault("frame", "a JSON object");
  }
  json& frame = *parsed;
  message_frame out;
  const auto type = frame.find("type");
  if (type != frame.end() || rules.needs_type) {
    if (type == frame.end() || (*type != "ask" && *type != "send")) {
      return fault("type", "\"ask\" or \"send\"");
    }
    out.is_ask = *type == "ask";
  }
  const auto command = frame.find("command");
  if (command == frame.end() || !command->is_string() || command->get_ref<const std::string&>().empty()) {
    return fault("command", "a text that is not empty");
  }
  out.what.command = command->get<std::string>();
  if (const auto recipient = frame.find("recipient"); recipient != frame.end()) {
    auto place = read_recipient(*recipient);
    if (!place) {
      return fault("recipient", "a name, {\"node\", \"entity\"} or null");
    }
    out.what.recipient = std::move(*place);
  }
  if (auto problem = read_timeout(frame, rules, out)) {
    return std::unexpected(std::move(*problem));
  }
  if (const auto body = frame.find("body"); body != frame.end()) {
    auto restored = from_text_json(std::move(*body));
    if (!restored) {
      return fault("body", restored.error().text);
    }
    out.what.body = std::move(*restored);
  }
  if (payload_bytes(out.what.body) > rules.max_message_bytes) {
    return fault("body", "at most " + std::to_string(rules.max_message_bytes) + " bytes (the limit of one message)", true);
  }
  return out;
}

} // namespace troupe
