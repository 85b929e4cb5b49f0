#include <actors/task/task_actor.hpp>

#include <actors/task/output_reply.hpp>
#include <actors/task/script_plan.hpp>
#include <actors/task/signal_name.hpp>

#include <algorithm>

namespace troupe {
namespace {

// Within the time of the exit hook (4 s) the tree must be gone.
constexpr std::chrono::milliseconds exit_grace{2'000};

reply rejection(std::string reason) {
  return {"task_is_rejected", json{{"reason", std::move(reason)}}};
}

reply refusal(const bad_field& what) {
  return reply::bad_request(what.field, what.expected);
}

std::string id_from_name(const std::string& name) {
  constexpr std::string_view prefix = "task_";
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

std::optional<std::string> bytes_of(const json& data) {
  if (data.is_string()) {
    return data.get<std::string>();
  }
  if (data.is_binary()) {
    return std::string{data.get_binary().begin(), data.get_binary().end()};
  }
  return std::nullopt;
}

} // namespace

void task_actor::describe(class_builder<task_actor>& table) {
  table.doc("Runs one script or command under an observer and streams its output.")
    .on("start", &task_actor::start,
        "Starts {script | command, args?, params?, stdin?, timeout?, env?, cwd?, venv?, clean_venv?, id?}: `task_started` "
        "{id, os_pid}, `task_is_preparing` {id} while its environment is made, or `task_is_rejected` {reason}.")
    .on("venv_progress", &task_actor::venv_progress, "Lines of the builder of its environment.")
    .on("read_output", &task_actor::read_output,
        "Output from record `from` on, waiting up to `wait` s for the first: `output` {records, next, ended, state?}.")
    .on("write_stdin", &task_actor::write_stdin, "`stdin_is_written` {bytes} once the script's pipe has all of {data}.")
    .on("close_stdin", &task_actor::close_stdin, "The end of input: `stdin_is_closed`.")
    .on("signal", &task_actor::signal, "{signal: \"SIGUSR1\" or a number} to the script: `task_is_signalled`.")
    .on("cancel", &task_actor::cancel, "SIGTERM, grace, SIGKILL to all its processes: `task_is_stopping`.")
    .on("get_state", &task_actor::get_state, "`task_state` {id, state, exit_code, signal, reason, …}.")
    .on("wait_end", &task_actor::wait_end, "`task_ended` with the state, when it ends.");
}

async<> task_actor::pre_run() {
  post_ = ctx().make_poster();
  return {};
}

async<> task_actor::moved() { return pre_run(); }

std::string task_actor::stays() const {
  if (venv_.is_waiting()) {
    return "its environment is being made";
  }
  if (!record_.is_begun()) {
    return {};
  }
  return record_.is_over() ? "its run has ended, and its record belongs to this process"
                           : "its run goes on, and belongs to this process until it ends";
}

async<> task_actor::exit() {
  if (venv_.is_waiting()) {
    give_up();
  }
  if (run_ && !record_.is_over()) {
    record_.stopping();
    run_->cancel(std::min(exit_grace, std::chrono::milliseconds{static_cast<int>(ports_.stop_grace_s * 1000)}));
    end_awaiter until_end{*this, {}};
    co_await until_end;
  }
}

reply task_actor::start(const message& what) {
  const auto wish = start_request::from_json(what.body());
  if (!wish) {
    return refusal(wish.error());
  }
  const auto id = wish->id.empty() ? id_from_name(ctx().name()) : wish->id;
  if (!record_.begin(*wish, id)) {
    return rejection("the task was started before; a task runs once, make another one");
  }
  auto plan = make_script_plan(*wish, ports_, id);
  if (!plan) {
    record_.rejected(plan.error().text);
    tell_end();
    return rejection(plan.error().text);
  }
  started_ = ctx().promise();
  const bool waits = venv_.begin(ctx(), ports_, *wish, id, [this] { on_preparing(); },
                                 [this, plan = *plan](const result<>& how) { on_venv(plan, how); });
  if (!waits) {
    begin_run(*plan);
  }
  return reply::later();
}

void task_actor::begin_run(const run_plan& plan) {
  run_events events;
  events.on_started = [this, post = post_](run_started how) { post([this, how] { on_started(how); }); };
  events.on_rejected = [this, post = post_](std::string why) { post([this, why] { on_rejected(why); }); };
  events.on_end = [this, post = post_](run_result how) { post([this, how] { on_end(how); }); };
  run_ = ports_.runs->start(plan, std::move(events));
}

void task_actor::on_started(const run_started& how) {
  record_.started(how, std::chrono::steady_clock::now());
  std::exchange(started_, {})(reply{"task_started", json{{"id", record_.id()}, {"os_pid", how.pid}}});
}

void task_actor::on_rejected(const std::string& reason) {
  record_.rejected(reason);
  venv_.release(ctx());
  std::exchange(started_, {})(rejection(reason));
  tell_end();
}

void task_actor::on_end(const run_result& how) {
  record_.ended(how);
  venv_.release(ctx());
  tell_end();
}

void task_actor::tell_end() {
  for (const auto& answer : std::exchange(waiting_for_end_, {})) {
    answer(reply{"task_ended", state()});
  }
  if (exit_waits_ != nullptr) {
    std::exchange(exit_waits_, nullptr)->caller.resume();
  }
}

json task_actor::state() const {
  auto out = record_.to_json(run_ ? run_->progress() : run_progress{}, std::chrono::steady_clock::now());
  if (!record_.is_begun()) {
    out["id"] = id_from_name(ctx().name());
  }
  out["name"] = ctx().name();
  out["node"] = ctx().node();
  out["venv"] = venv_.name().empty() ? json(nullptr) : json(venv_.name());
  return out;
}

reply task_actor::read_output(const message& what) {
  const auto query = output_query_from_json(what.body());
  if (!query) {
    return refusal(query.error());
  }
  if (!run_ && !venv_.is_waiting()) {
    if (record_.is_over()) { // rejected before anything was asked of the host
      auto body = output_to_json(venv_.last_page(*query));
      body["state"] = state();
      return {"output", std::move(body)};
    }
    return rejection(record_.why_not_running());
  }
  auto answer = ctx().promise();
  auto respond = [this, answer, post = post_](output_page page) {
    auto body = output_to_json(page);
    if (!page.ended) {
      answer(reply{"output", std::move(body)});
      return;
    }
    // The end itself was posted before this, so the state is the last one.
    post([this, answer, body = std::move(body)]() mutable {
      body["state"] = state();
      answer(reply{"output", std::move(body)});
    });
  };
  if (venv_.is_waiting()) {
    venv_.read(ctx(), *query, std::move(respond));
  } else {
    run_->read_output(*query, std::move(respond));
  }
  return reply::later();
}

reply task_actor::write_stdin(const message& what) {
  const auto& body = what.body();
  auto bytes = body.is_object() && body.contains("data") ? bytes_of(body["data"]) : std::nullopt;
  if (!bytes) {
    return reply::bad_request("data", "text or bytes");
  }
  if (!run_ || record_.is_over()) {
    return rejection(record_.why_not_running());
  }
  auto answer = ctx().promise();
  run_->write_input(std::move(*bytes), [answer](result<std::size_t> how) {
    answer(how ? reply{"stdin_is_written", json{{"bytes", *how}}} : rejection(how.error().text));
  });
  return reply::later();
}

reply task_actor::close_stdin() {
  if (!run_ || record_.is_over()) {
    return rejection(record_.why_not_running());
  }
  auto answer = ctx().promise();
  run_->close_input([answer](result<> how) { answer(how ? reply{"stdin_is_closed"} : rejection(how.error().text)); });
  return reply::later();
}

reply task_actor::signal(const message& what) {
  const auto& body = what.body();
  const auto number = body.is_object() && body.contains("signal") ? signal_number(body["signal"]) : std::nullopt;
  if (!number) {
    return reply::bad_request("signal", "a name like \"SIGUSR1\", or its number");
  }
  if (!record_.is_running()) {
    return rejection(record_.why_not_running());
  }
  run_->signal(*number);
  return {"task_is_signalled", json{{"signal", *number}}};
}

reply task_actor::cancel() {
  if (venv_.is_waiting()) {
    give_up();
    return {"task_is_stopping", json{{"id", record_.id()}}};
  }
  if (!run_ || record_.is_over()) {
    return rejection(record_.why_not_running());
  }
  record_.stopping();
  run_->cancel();
  return {"task_is_stopping", json{{"id", record_.id()}}};
}

reply task_actor::get_state() {
  return {"task_state", state()};
}

reply task_actor::wait_end() {
  if (record_.is_over()) {
    return {"task_ended", state()};
  }
  waiting_for_end_.push_back(ctx().promise());
  return reply::later();
}

class_info make_task_class(task_ports ports) {
  return describe_class<task_actor>(
    "Task", [ports = std::move(ports)] { return std::unique_ptr<actor>(std::make_unique<task_actor>(ports)); });
}

} // namespace troupe
