// The runs behind web handlers: one for each request, or one for all.
#include <actors/application/application_actor.hpp>

#include <runtime/task_id/task_id.hpp>
#include <runtime/text_json/text_json.hpp>

#include <algorithm>
#include <utility>

namespace troupe {
namespace {

constexpr double write_time_s = 60;
constexpr std::size_t most_shown = 300;

/// The end of what a script printed to its error output, for people.
std::string tail_of(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) {
    text.pop_back();
  }
  const auto line = text.rfind('\n');
  text = line == std::string::npos ? text : text.substr(line + 1);
  return text.size() > most_shown ? text.substr(text.size() - most_shown) : text;
}

std::string end_in_words(const json& state) {
  if (state.is_null()) {
    return "nobody knows how the script ended";
  }
  const auto how = state.value("state", std::string{"over"});
  const auto code = state.value("exit_code", json(nullptr));
  const auto reason = state.value("reason", json(nullptr));
  return "the script ended without an answer: " + how + (code.is_number() ? " with exit code " + code.dump() : "") +
         (reason.is_string() && !reason.get_ref<const std::string&>().empty() ? ", " + reason.get<std::string>() : "");
}

} // namespace

// One run for one request.

void application_actor::begin_own_run(const std::string& request) {
  auto& one = open_.at(request);
  one.task = new_task_id();
  start_run(one.plan, one.task, [this, request, task = one.task](const std::string& problem) {
    if (!problem.empty()) {
      fail_request(request, 502, "the script cannot be started: " + problem);
      return;
    }
    if (!open_.contains(request)) { // given up meanwhile
      (void)ctx().send(address{task_name(task)}, "cancel", json{{"tree", true}});
      return;
    }
    give_own_question(request);
  });
}

void application_actor::give_own_question(const std::string& request) {
  const auto& one = open_.at(request);
  const auto line = dump_text_json(one.question);
  if (!line) {
    fail_request(request, 502, "the request cannot be written: " + line.error().text);
    return;
  }
  const auto task = one.task;
  ask(task_name(task), "write_stdin", json{{"data", *line + "\n"}}, write_time_s, [this, task](const message&) {
    (void)ctx().send(address{task_name(task)}, "close_stdin"); // a script need not read it
  });
  if (one.wants_socket) {
    answer(request, reply{"socket_is_open", json{{"pid", task}}});
    return;
  }
  await_end(task, 0, [this, request](const json& state) { own_run_ended(request, state); });
}

void application_actor::own_run_ended(const std::string& request, const json& state) {
  const auto found = open_.find(request);
  if (found == open_.end()) {
    return;
  }
  const auto how = state.is_null() ? std::string{} : state.value("state", std::string{});
  if (how == "timed_out") {
    fail_request(request, 504, end_in_words(state));
    return;
  }
  read_stdout(found->second.task, 0, {},
              [this, request, how, state](const std::optional<std::string>& text, const std::string& last_error) {
                if (how != "succeeded") {
                  const auto more = tail_of(last_error);
                  fail_request(request, 502, end_in_words(state) + (more.empty() ? "" : "; its last words: " + more));
                  return;
                }
                auto value = text ? parse_text_json(*text) : fail(error_code::io_error, "its output cannot be read: " + last_error);
                value = value ? from_text_json(std::move(*value)) : std::move(value);
                const auto said = value ? web_reply::from_json(*value) : std::unexpected(value.error());
                if (!said) {
                  fail_request(request, 502, "the script gave a bad answer: " + said.error().text);
                  return;
                }
                answer(request, reply{"web_reply", said->to_json()});
              });
}

// One run for all.

void application_actor::use_long_run(const std::string& request) {
  auto& one = open_.at(request);
  const auto handler = one.plan.name;
  const auto found = runs_.find(handler);
  if (found != runs_.end() && !found->second.plan.is_same_run(one.plan)) {
    stop_runs([&](const long_run& run) { return run.plan.name == handler; });
  }
  auto& run = runs_[handler];
  if (run.task.empty()) {
    run.task = new_task_id();
    run.plan = one.plan;
    begin_long_run(handler);
  }
  one.task = run.task;
  if (run.is_running) {
    serve(request, run.task);
  } else {
    run.waiting.push_back(request);
  }
}

void application_actor::begin_long_run(const std::string& handler) {
  const auto& run = runs_.at(handler);
  start_run(run.plan, run.task, [this, handler, task = run.task](const std::string& problem) {
    const auto found = runs_.find(handler);
    const bool is_wanted = found != runs_.end() && found->second.task == task;
    if (!problem.empty()) {
      if (is_wanted) {
        runs_.erase(found);
      }
      fail_requests_of(task, 502, "the script cannot be started: " + problem);
    } else if (!is_wanted) { // stopped while it started
      (void)ctx().send(address{task_name(task)}, "cancel", json{{"tree", true}});
      fail_requests_of(task, 502, "the handler was stopped");
    } else {
      long_run_is_there(handler, task);
    }
  });
}

void application_actor::long_run_is_there(const std::string& handler, const std::string& task) {
  auto& run = runs_.at(handler);
  run.is_running = true;
  ctx().checkpoint();
  await_end(task, 0, [this, handler, task](const json& state) { long_run_ended(handler, task, end_in_words(state)); });
  for (const auto& request : std::exchange(run.waiting, {})) {
    serve(request, task);
  }
}

/// The run is there: what the request wants of it.
void application_actor::serve(const std::string& request, const std::string& task) {
  const auto found = open_.find(request);
  if (found == open_.end()) {
    return; // given up
  }
  if (found->second.wants_socket) {
    answer(request, reply{"socket_is_open", json{{"pid", task}}});
  } else if (found->second.plan.what.how == web_handler::mode::start) {
    web_reply out;
    out.status = 202;
    out.headers.emplace_back("content-type", "application/json");
    out.body = json{{"task", task}, {"state", "running"}}.dump() + "\n";
    answer(request, reply{"web_reply", out.to_json()});
  } else {
    hand_over(request, task);
  }
}

void application_actor::hand_over(const std::string& request, const std::string& task) {
  const json data{{"data", {{"web_request", open_.at(request).question}}}};
  ask(task_name(task), "send_json", data, write_time_s, [this, request, task](const message& answer) {
    const auto found = open_.find(request);
    if (answer.is("json_is_sent") || found == open_.end() || found->second.task != task) {
      return;
    }
    const auto& body = answer.body();
    const auto why = body.is_object() ? body.value("reason", answer.command()) : answer.command();
    const auto run = runs_.find(found->second.plan.name);
    const bool is_its_last_moment = answer.is("task_is_rejected") || answer.is("actor_is_not_found");
    if (!is_its_last_moment || found->second.is_second_try) {
      fail_request(request, 502, "the script did not take the request: " + why);
      return;
    }
    // It had ended, though nobody knew yet, so it never saw this request.
    if (run != runs_.end() && run->second.task == task) {
      runs_.erase(run);
    }
    found->second.is_second_try = true;
    use_long_run(request);
  });
}

void application_actor::long_run_ended(const std::string& handler, const std::string& task, const std::string& how) {
  if (const auto found = runs_.find(handler); found != runs_.end() && found->second.task == task) {
    runs_.erase(found);
    ctx().checkpoint();
  }
  fail_requests_of(task, 502, how);
}

} // namespace troupe
