#include <actors/task/task_actor.hpp>

#include <actors/task/output_reply.hpp>
#include <actors/task/script_plan.hpp>
#include <actors/task/signal_name.hpp>

#include <runtime/bridge/task_socket.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

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

std::string host_of(const std::string& node) {
  return node.substr(0, node.find('.'));
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
  describe_calls(table);
  table.doc("Runs one script or command under an observer and streams its output.")
    .on("start", &task_actor::start,
        "Starts {script | command, args?, params?, stdin?, timeout?, env?, cwd?, venv?, clean_venv?, warm?, id?}: `task_started` "
        "{id, os_pid}, `task_is_preparing` {id} while its environment is made, or `task_is_rejected` {reason}.")
    .on("venv_progress", &task_actor::venv_progress, "Lines of the builder of its environment.")
    .on("read_output", &task_actor::read_output,
        "Output from record `from` on, waiting up to `wait` s for the first: `output` {records, next, ended, state?}.")
    .on("write_stdin", &task_actor::write_stdin, "`stdin_is_written` {bytes} once the script's pipe has all of {data}.")
    .on("close_stdin", &task_actor::close_stdin, "The end of input: `stdin_is_closed`.")
    .on("signal", &task_actor::signal, "{signal: \"SIGUSR1\" or a number} to the script: `task_is_signalled`.")
    .on("cancel", &task_actor::cancel, "SIGTERM, grace, SIGKILL to all its processes; {tree: true}: and its children's: "
                                          "`task_is_stopping` {id, children}.")
    .on("get_state", &task_actor::get_state, "`task_state` {id, state, exit_code, signal, reason, …}.")
    .on("wait_end", &task_actor::wait_end, "`task_ended` with the state, when it ends.")
    .on("place_is_free", &task_actor::place_is_free, "The runtime's own: its turn has come.")
    .param("place", &task_actor::position_, "Its position in the queue of runs; null: it does not wait there.")
    .on("run_is_noted", &task_actor::run_is_noted, "The runtime's own: the history has it.");
}

async<> task_actor::pre_run() {
  calls_.forget_answers();
  return moved();
}

async<> task_actor::moved() {
  post_ = ctx().make_poster();
  if (record_.is_begun()) {
    await_answers();
    if (!start_.is_null() && record_.state() <= task_state::queued && venv_.is_settled()) {
      wait_again();
    } else {
      attach();
    }
    history_.go_on(ctx(), [this] { return state(); });
  }
  return {};
}

json task_actor::save() const {
  if (!record_.is_begun()) {
    return nullptr;
  }
  auto out = record_.save();
  out["host"] = host_of(ctx().node());
  out["calls"] = calls_.save();
  out["venv"] = venv_.save();
  out["history"] = history_.save();
  out["start"] = start_;
  out["input"] = run_ ? run_->save_input() : input_;
  return out;
}

void task_actor::restore(const json& state) {
  const auto host = state.at("host").get<std::string>();
  if (host != host_of(ctx().node())) {
    throw std::runtime_error("its run and its output are on the host " + host);
  }
  record_.load(state);
  calls_.load(state.at("calls"));
  venv_.load(state.at("venv"));
  history_.load(state.at("history"));
  start_ = state.value("start", json(nullptr));
  input_ = state.at("input");
}

std::string task_actor::stays() const {
  if (venv_.is_waiting()) {
    return "its environment is being made";
  }
  const auto writes = run_ ? run_->withdraw_writes() : std::vector<std::string>{};
  asks_->pass_on(ctx(), [&](const message& what) {
    return !run_ || !what.is("write_stdin") || std::ranges::find(writes, what.mid()) != writes.end();
  });
  return {};
}

async<> task_actor::exit() {
  if (is_before_run()) {
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
  history_.begin(what);
  auto plan = make_script_plan(*wish, ports_, id);
  if (!plan) {
    record_.rejected(plan.error().text);
    tell_end();
    return rejection(plan.error().text);
  }
  record_.set_application(application_of(*wish, plan->script));
  history_.set_plan(*plan);
  started_ = ctx().promise();
  if (ports_.queues_runs && !record_.is_child()) {
    start_ = what.body();
  }
  ctx().checkpoint();
  const bool waits = venv_.begin(ctx(), ports_, *wish, id, [this] { on_preparing(); },
                                 [this, plan = *plan](const result<>& how) { on_venv(plan, how); });
  if (!waits) {
    prepared(std::move(*plan));
  }
  note();
  return reply::later();
}

void task_actor::begin_run(run_plan plan) {
  plan.prelude = venv_.lines();
  run_ = ports_.runs->start(plan, events_of_run());
  venv_.settle([this](const output_query& query, std::function<void(output_page)> answer) {
    run_->read_output(query, std::move(answer));
  });
  hand_over_input();
}

run_events task_actor::events_of_run() {
  run_events events;
  events.on_started = [this, post = post_](run_started how) { post([this, how] { on_started(how); }); };
  events.on_rejected = [this, post = post_](std::string why) { post([this, why] { on_rejected(why); }); };
  events.on_end = [this, post = post_](run_result how) { post([this, how] { on_end(how); }); };
  events.on_call = [this, post = post_](run_call what) { post([this, what] { on_call(what); }); };
  events.on_call_gone = [this, post = post_](std::uint64_t id) { post([this, id] { on_call_gone(id); }); };
  events.on_replaced = [this, post = post_] {
    post([this] { ctx().log(log_level::warning, "another object of this task has taken its run over"); });
  };
  return events;
}

/// The run was started by an earlier object of this task, perhaps in another process.
void task_actor::attach() {
  if (record_.state() == task_state::rejected) {
    return;
  }
  attach_request what;
  what.id = record_.id();
  what.folder = folder_of_run(ports_, record_.id());
  what.epoch = record_.next_epoch(std::chrono::steady_clock::now());
  what.script = record_.os_pid();
  what.stdin_open = record_.has_stdin();
  what.input = std::exchange(input_, nullptr);
  what.ended = record_.is_over();
  run_ = ports_.runs->attach(what, events_of_run());
  if (record_.is_asked_to_stop() && !record_.is_over()) {
    run_->cancel(); // the wish may have been lost with that object
  }
}

void task_actor::on_started(const run_started& how) {
  record_.started(how, std::chrono::steady_clock::now());
  start_ = nullptr;
  ctx().checkpoint();
  note();
  std::exchange(started_, {})(reply{"task_started", json{{"id", record_.id()}, {"os_pid", how.pid}}});
  hand_over_json();
}

void task_actor::on_rejected(const std::string& reason) {
  record_.rejected(reason);
  venv_.release(ctx());
  ctx().checkpoint();
  std::exchange(started_, {})(rejection(reason));
  tell_end();
}

void task_actor::on_end(const run_result& how) {
  const bool is_news = !record_.is_over();
  record_.ended(how);
  venv_.release(ctx());
  if (is_news) {
    remove_task_socket(ports_.runs_folder, record_.id());
    ctx().checkpoint();
    tell_end();
  }
}

void task_actor::tell_end() {
  note();
  hand_over_input();
  hand_over_json();
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
  calls_.add_to(out);
  out["name"] = ctx().name();
  out["node"] = ctx().node();
  out["application"] = record_.application().empty() ? json(nullptr) : json(record_.application());
  out["place"] = position_ ? json(*position_) : json(nullptr);
  out["venv"] = venv_.name().empty() ? json(nullptr) : json(venv_.name());
  return out;
}

void task_actor::note() {
  history_.tell(ctx(), [this] { return state(); });
}

reply task_actor::run_is_noted(const message& what) {
  history_.answered(what);
  return reply::done();
}

reply task_actor::read_output(const message& what) {
  const auto query = output_query_from_json(what.body());
  if (!query) {
    return refusal(query.error());
  }
  if (!run_ && !is_before_run()) {
    if (record_.is_over()) { // rejected before anything was asked of the host
      auto body = output_to_json(venv_.last_page(*query));
      body["state"] = state();
      return {"output", std::move(body)};
    }
    return rejection(record_.why_not_running());
  }
  auto answer = asks_->hold(ctx());
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
  if (is_before_run()) {
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
  auto key = what.wants_answer() && what.number() != 0 ? what.mid() : std::string{};
  if (is_before_run()) {
    return keep_early_input(std::move(bytes), std::move(key));
  }
  if (!run_) {
    return rejection(record_.why_not_running());
  }
  auto answer = asks_->hold(ctx());
  run_->write_input(std::move(*bytes), std::move(key), [answer](result<std::size_t> how) {
    answer(how ? reply{"stdin_is_written", json{{"bytes", *how}}} : rejection(how.error().text));
  });
  return reply::later();
}

reply task_actor::close_stdin() {
  if (is_before_run()) {
    return keep_early_input(std::nullopt, {});
  }
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

reply task_actor::cancel(const message& what) {
  const auto& body = what.body();
  const bool whole_tree = body.is_object() && body.value("tree", json(false)) == true;
  if (is_before_run()) {
    give_up();
    return {"task_is_stopping", json{{"id", record_.id()}, {"children", 0}}};
  }
  const bool runs = run_ && !record_.is_over();
  if (!runs && !whole_tree) {
    return rejection(record_.why_not_running());
  }
  if (runs) {
    record_.stopping();
    run_->cancel();
  }
  return {"task_is_stopping", json{{"id", record_.id()}, {"children", whole_tree ? cancel_children() : 0}}};
}

reply task_actor::get_state() {
  return {"task_state", state()};
}

reply task_actor::wait_end() {
  if (record_.is_over()) {
    return {"task_ended", state()};
  }
  waiting_for_end_.push_back(asks_->hold(ctx()));
  return reply::later();
}

class_info make_task_class(task_ports ports) {
  return describe_class<task_actor>(
    "Task", [ports = std::move(ports)] { return std::unique_ptr<actor>(std::make_unique<task_actor>(ports)); });
}

} // namespace troupe
