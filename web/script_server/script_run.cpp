#include "web/script_server/script_run.hpp"

#include "runtime/task_id/task_id.hpp"
#include "runtime/text_json/text_json.hpp"
#include "web/routes/problem.hpp"
#include "web/script_server/requirement_step.hpp"
#include "web/script_server/task_reader.hpp"

#include <algorithm>
#include <utility>

namespace troupe {
namespace {

constexpr double create_time_s = 15;
constexpr double start_time_s = 60;
constexpr double end_slack_s = 60;             ///< a busy machine
constexpr std::chrono::milliseconds look_pause{100};
constexpr double longest_wait_s = 365.0 * 86'400; ///< of a run without a limit

std::string detail_of(const message& answer, const std::string& attempted) {
  const auto body = json::parse(problem_of_answer(answer, attempted).body, nullptr, false);
  return body.is_object() && body.contains("detail") ? body["detail"].get<std::string>() : attempted + " failed";
}

} // namespace

void script_run::start(script_world& world, script_run_plan plan, bool wants_output, events what) {
  std::shared_ptr<script_run> made(new script_run(world, std::move(plan), wants_output, std::move(what)));
  if (made->plan_.requirements.empty()) {
    made->create();
    return;
  }
  prepare_requirements(world, made->plan_.options.venv.value_or(""), made->plan_.requirements, [made](const result<>& how) {
    if (how) {
      made->create();
    } else {
      made->fail_with(500, how.error().text);
    }
  });
}

void script_run::ask(address to, const char* command, json body, double timeout_s,
                     void (script_run::*then)(const message&)) {
  request what;
  what.recipient = std::move(to);
  what.command = command;
  what.body = std::move(body);
  what.timeout = seconds(timeout_s);
  ++world_.web.counters.asks;
  world_.web.actors.ask(std::move(what), [self = shared_from_this(), then](message_ptr answer) {
    if (then != nullptr) {
      ((*self).*then)(*answer);
    }
  });
}

void script_run::create() {
  json wish{{"class_desc", {{"requires_dist", "troupe"}, {"class", "Task"}}}, {"name", task_name(plan_.id)}};
  ask(address{world_.web.actors.node()}, "create_actor", std::move(wish), create_time_s, &script_run::on_created);
}

void script_run::on_created(const message& answer) {
  if (answer.is("actor_is_created")) {
    begin();
  } else {
    fail_with(503, detail_of(answer, "creating the task"));
  }
}

json script_run::start_body() const {
  json out{{"id", plan_.id}, {"script", plan_.path}, {"args", plan_.args}, {"stdin", plan_.input.empty() ? "closed" : "open"}};
  const auto& options = plan_.options;
  const auto venv = options.venv.value_or("");
  out["venv"] = venv.empty() ? json(false) : json(venv);
  if (world_.rules.warm) {
    out["warm"] = true;
  }
  if (options.timeout_s) {
    out["timeout"] = *options.timeout_s;
  }
  if (options.memory_mb) {
    out["memory_limit"] = *options.memory_mb;
  }
  // A stored script of the name of a module, as math.py, must not be taken for that module: their folder is not importable.
  out["application"] = world_.store.importable_folder();
  auto env = options.env;
  env.try_emplace("PYTHONSAFEPATH", "1");
  out["env"] = std::move(env);
  return out;
}

void script_run::begin() { ask(task_name(plan_.id), "start", start_body(), start_time_s, &script_run::on_begun); }

void script_run::on_begun(const message& answer) {
  if (answer.is("timer") || answer.is("actor_has_failed")) {
    await_end(); // it may run; its end says so
    return;
  }
  if (!answer.is("task_started") && !answer.is("task_is_preparing") && !answer.is("task_is_queued")) {
    ask(address{world_.web.actors.node()}, "remove_actor", json{{"name", task_name(plan_.id)}}, create_time_s, nullptr);
    fail_with(500, detail_of(answer, "starting the script"));
    return;
  }
  if (events_.started) {
    const auto& facts = answer.body();
    const bool has_pid = facts.is_object() && facts.contains("os_pid");
    events_.started(json{{"id", plan_.id},
                         {"name", task_name(plan_.id)},
                         {"node", world_.web.actors.node()},
                         {"state", answer.is("task_started") ? "running" : answer.is("task_is_queued") ? "queued" : "preparing"},
                         {"os_pid", has_pid ? facts["os_pid"] : json(nullptr)}});
  }
  if (answer.is("task_started")) {
    feed();
  } else {
    look_whether_it_runs();
  }
  await_end();
}

/// Before its environment is made a script takes no input.
void script_run::look_whether_it_runs() {
  if (!plan_.input.empty()) {
    ask(task_name(plan_.id), "get_state", nullptr, start_time_s, &script_run::on_state);
  }
}

void script_run::on_state(const message& answer) {
  const auto& body = answer.body();
  const auto state = body.is_object() && body.contains("state") ? body["state"] : json(nullptr);
  if (state == "running") {
    feed();
  } else if (state == "preparing" || state == "queued" || state == "accepted" || answer.is("timer")) {
    world_.web.timer.after(look_pause, [self = shared_from_this()] { self->look_whether_it_runs(); });
  }
}

/// The task keeps the order of what it is told; nobody waits for a script that reads nothing.
void script_run::feed() {
  if (plan_.input.empty()) {
    return;
  }
  const auto task = task_name(plan_.id);
  ask(task, "write_stdin", json{{"data", std::move(plan_.input)}}, longest_wait_s, nullptr);
  ask(task, "close_stdin", nullptr, longest_wait_s, nullptr);
}

void script_run::await_end() {
  const auto& options = plan_.options;
  const auto limit = options.timeout_s.value_or(world_.rules.timeout_s);
  double patience = limit < 0 ? longest_wait_s : limit + world_.rules.stop_grace_s + end_slack_s;
  if (!options.venv.value_or("").empty()) {
    patience += 2 * world_.rules.venv_timeout_s;
  }
  task_reader::start(world_, plan_.id, std::min(patience, longest_wait_s), wants_output_,
                     [self = shared_from_this()](run_outcome how) { self->events_.ended(std::move(how)); });
}

void script_run::fail_with(unsigned status, const std::string& why) { events_.ended(run_outcome::failed(status, why)); }

} // namespace troupe
