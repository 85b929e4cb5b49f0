#pragma once

#include "web/routes/http_types.hpp"

#include <troupe/json.hpp>

#include <memory>
#include <optional>
#include <string>

namespace troupe {

/// What came of a run.
struct run_outcome {
  std::string out; ///< as the script wrote it
  std::string err;
  std::optional<int> exit_code;
  std::optional<int> signal;
  bool timed_out = false;
  bool truncated = false;  ///< not all of its output is there
  bool is_answer = true;   ///< the script has run to an end of its own; else `problem` says why not
  unsigned status = 200;   ///< of an answer about this run alone
  std::string problem;     ///< what is wrong, if something is

  static run_outcome failed(unsigned status, std::string why);
  /// By the state of a task that is over.
  static run_outcome of_state(const json& state);

  bool is_success() const { return is_answer && exit_code == 0 && !truncated; }
};

/// Whether the state of a task is a last one.
bool is_over(const json& state);

/// `{"stdout", "stderr", "exit_code", "timed_out"}`, and `signal`, `truncated`, `error` where there is something to say.
/// What is not UTF-8 has replacement characters.
std::string to_json_text(const run_outcome& what);

/// Where an answer comes from.
enum class answer_source { run, cache, joined };

struct run_answer {
  std::shared_ptr<const std::string> text; ///< of the outcome
  unsigned status = 200;
  std::string problem;
  answer_source source = answer_source::run;
  long age_s = 0;
  std::string task; ///< the id of its task; empty: none ran for this request
};

http_response to_response(const run_answer& what);

/// A refusal as problem+json, with `error` for clients that look for that.
http_response script_problem(unsigned status, const std::string& detail);
http_response script_refusal(const error& why);

} // namespace troupe
