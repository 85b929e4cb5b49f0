#include "web/script_server/run_answer.hpp"

#include "web/routes/problem.hpp"
#include "runtime/text_json/text_field.hpp"

namespace troupe {
namespace {

std::string quoted(const std::string& text) { return json(text).dump(-1, ' ', false, json::error_handler_t::replace); }

std::optional<int> number_of(const json& state, const char* key) {
  const auto found = state.find(key);
  return found != state.end() && found->is_number_integer() ? std::optional{found->get<int>()} : std::nullopt;
}

} // namespace

run_outcome run_outcome::failed(unsigned status, std::string why) {
  run_outcome out;
  out.is_answer = false;
  out.status = status;
  out.problem = std::move(why);
  return out;
}

run_outcome run_outcome::of_state(const json& state) {
  if (!state.is_object()) {
    return failed(502, "the run was lost");
  }
  run_outcome out;
  out.exit_code = number_of(state, "exit_code");
  out.signal = number_of(state, "signal");
  const auto name = text_field(state, "state");
  const auto reason = text_field(state, "reason");
  if (name == "succeeded" || name == "failed" || name == "signalled") {
    return out;
  }
  out.is_answer = false;
  out.exit_code.reset();
  out.problem = reason.empty() ? "the run ended: " + name : reason;
  if (name == "timed_out") {
    out.timed_out = true;
    out.status = 504;
    out.problem = "Script execution timed out";
  } else if (name == "rejected") {
    out.status = 500;
  } else if (name != "memory_exceeded" && name != "cancelled") {
    out.status = 502; // lost
  }
  return out;
}

bool is_over(const json& state) {
  const auto name = state.is_object() ? text_field(state, "state") : std::string{};
  return !name.empty() && name != "accepted" && name != "preparing" && name != "queued" && name != "running" &&
         name != "stopping";
}

std::string to_json_text(const run_outcome& what) {
  std::string text = "{\"stdout\":" + quoted(what.out) + ",\"stderr\":" + quoted(what.err) +
                     ",\"exit_code\":" + (what.exit_code ? std::to_string(*what.exit_code) : "null") +
                     ",\"timed_out\":" + (what.timed_out ? "true" : "false");
  if (what.signal) {
    text += ",\"signal\":" + std::to_string(*what.signal);
  }
  if (what.truncated) {
    text += ",\"truncated\":true";
  }
  if (!what.problem.empty()) {
    text += ",\"error\":" + quoted(what.problem);
  }
  return text + "}";
}

http_response to_response(const run_answer& what) {
  auto out = what.status == 200 ? http_response{200, "application/json", *what.text, {}}
                                : script_problem(what.status, what.problem);
  out.fields.push_back({"X-Cache", what.source == answer_source::run ? "miss" : "hit"});
  if (what.source != answer_source::run) {
    out.fields.push_back({"Age", std::to_string(what.age_s)});
  }
  if (!what.task.empty()) {
    out.fields.push_back({"X-Task", what.task});
  }
  return out;
}

http_response script_problem(unsigned status, const std::string& detail) {
  auto out = problem(status, detail);
  out.body.insert(1, "\"error\":" + quoted(detail) + ",");
  return out;
}

http_response script_refusal(const error& why) { return script_problem(http_status(why.code), why.text); }

} // namespace troupe
