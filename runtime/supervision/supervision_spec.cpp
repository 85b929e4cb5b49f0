#include "runtime/supervision/supervision_spec.hpp"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace troupe {

namespace {

constexpr double longest_s = 31'536'000;
constexpr std::uint32_t most_restarts = 1'000'000;
constexpr std::array<std::pair<std::string_view, failure_action>, 3> actions{
  {{"resume", failure_action::resume}, {"restart", failure_action::restart}, {"stop", failure_action::stop}}};

std::unexpected<supervision_problem> wrong(const std::string& key, std::string expected) {
  return std::unexpected(supervision_problem{key.empty() ? "supervision" : "supervision." + key, std::move(expected)});
}

std::optional<failure_action> action_of(const json& value) {
  for (const auto& [word, action] : actions) {
    if (value == word) {
      return action;
    }
  }
  return std::nullopt;
}

bool is_time(const json& value, double least) {
  return value.is_number() && value.get<double>() >= least && value.get<double>() <= longest_s;
}

} // namespace

json supervision_spec::to_json() const {
  json out = json::object();
  for (const auto& [word, action] : actions) {
    if (action == on_failure) {
      out["on_failure"] = word;
    }
  }
  out["restart"] = permanent ? "permanent" : "temporary";
  out["max_restarts"] = limits.max_restarts;
  out["window_s"] = limits.window.count();
  out["backoff_s"] = limits.backoff.count();
  out["max_backoff_s"] = limits.max_backoff.count();
  if (!group.empty()) {
    out["group"] = group;
  }
  return out;
}

std::expected<supervision_spec, supervision_problem> parse_supervision(const json& from) {
  supervision_spec out;
  if (from.is_null()) {
    return out;
  }
  if (!from.is_object()) {
    return wrong("", "an object, as {\"on_failure\": \"restart\"}");
  }
  for (const auto& [key, value] : from.items()) {
    if (key == "on_failure") {
      const auto action = action_of(value);
      if (!action) {
        return wrong(key, "one of resume, restart, stop");
      }
      out.on_failure = *action;
    } else if (key == "restart") {
      if (value != "permanent" && value != "temporary") {
        return wrong(key, "permanent or temporary");
      }
      out.permanent = value == "permanent";
    } else if (key == "max_restarts") {
      if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most_restarts) {
        return wrong(key, "an integer from 0 to 1000000");
      }
      out.limits.max_restarts = value.get<std::uint32_t>();
    } else if (key == "window_s" || key == "backoff_s" || key == "max_backoff_s") {
      if (!is_time(value, key == "window_s" ? 0.001 : 0)) {
        return wrong(key, key == "window_s" ? "seconds, from 0.001 to a year" : "seconds, from 0 to a year");
      }
      (key == "window_s"    ? out.limits.window
       : key == "backoff_s" ? out.limits.backoff
                            : out.limits.max_backoff) = std::chrono::duration<double>{value.get<double>()};
    } else if (key == "group") {
      if (!value.is_string()) {
        return wrong(key, "the name of a group of the configuration");
      }
      out.group = value.get<std::string>();
    } else {
      return wrong(key, "no such key: on_failure, restart, max_restarts, window_s, backoff_s, max_backoff_s");
    }
  }
  return out;
}

} // namespace troupe
