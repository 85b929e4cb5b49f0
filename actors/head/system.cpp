// The start and the end of the whole system.
#include "actors/head/head_admin.hpp"
#include "runtime/node/node_options.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace troupe {

namespace {
constexpr seconds start_step_time{10};
} // namespace

json params_body(const json& values) {
  json params = json::array();
  for (const auto& [name, value] : values.items()) {
    params.push_back(json{{"name", name}, {"value", value}});
  }
  json body = json::object();
  body["params"] = std::move(params);
  return body;
}

head_admin::head_admin(head_ports ports)
  : ports_(std::move(ports)), nodes_(ports_.plan.host, ports_.process_restarts),
    next_incarnation_(ports_.first_incarnation) {}

void head_admin::describe(class_builder<head_admin>& table) {
  table.doc("the admin of the head and prime")
    .on("create_process", &head_admin::create_process)
    .on("remove_process", &head_admin::remove_process)
    .on("resume_process", &head_admin::resume_process)
    .on("node_is_up", &head_admin::node_is_up)
    .on("node_has_exited", &head_admin::node_has_exited)
    .on("get_members", &head_admin::get_members)
    .on("get_all_nodes", &head_admin::get_all_nodes)
    .on("get_local_nodes", &head_admin::get_local_nodes)
    .on_reentrant("seek_actor", &head_admin::seek_actor)
    .on_reentrant("find_actor", &head_admin::seek_actor)
    .on("get_status", &head_admin::get_status)
    .on("get_services", &head_admin::get_services)
    .on("change_caches", &head_admin::change_caches)
    .on_reentrant("boot", &head_admin::boot)
    .on("quit", &head_admin::quit)
    .on("service_is_ready", &head_admin::service_is_ready)
    .on("actor_is_lost", &head_admin::actor_is_lost)
    .on("test_error", &head_admin::test_error)
    .on("watch", &head_admin::is_for_supervisor)
    .on("unwatch", &head_admin::is_for_supervisor)
    .on("get_losses", &head_admin::is_for_supervisor)
    .on_reentrant("get_supervision", &head_admin::get_supervision)
    .on("set_fault", &head_admin::set_fault);
}

async<> head_admin::pre_run() {
  take_found();
  watch();
  return {};
}

reply head_admin::unknown(const message& what) { return is_for_main(what); }

reply head_admin::is_for_main(const message& what) {
  (void)ctx().forward(what, address{ports_.plan.main_node(), "troupe.admin"});
  return reply::later();
}

reply head_admin::is_for_supervisor(const message& what) {
  (void)ctx().forward(what, address{ctx().node(), std::string{supervisor_entity}});
  return reply::later();
}

/// A process has ended, and its names are released, unless they come back with it.
void head_admin::tell_supervisor(const std::string& node, const std::string& how, bool will_restart) {
  if (!ending_) {
    (void)ctx().send(address{ctx().node(), std::string{supervisor_entity}}, "node_is_gone",
                     json{{"node", node}, {"reason", how}, {"will_restart", will_restart}});
  }
}

async<> head_admin::boot(const message&) {
  const bool lives_on = !ports_.left.empty();
  if (lives_on) {
    co_await take_over();
  }
  auto problem = co_await have_main();
  if (problem.empty()) {
    problem = co_await start_services();
  }
  if (problem.empty()) {
    co_await bring_back();
    co_await start_venv_builder();
    co_await start_applications();
    problem = co_await run_start_list();
    if (!problem.empty() && lives_on) {
      // What lives on is worth more than what the config asks for beside it.
      ctx().log(log_level::error, std::exchange(problem, {}));
    }
  }
  if (!problem.empty()) {
    fail_system(problem);
    co_return;
  }
  booted_ = true;
  ports_.books.store.set_booted();
  ports_.ready(json(services_));
}

namespace {

/// Waits in a coroutine for something that calls back in the same actor's turn.
struct node_wait {
  node_record* record;
  result<> how;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> caller) {
    record->on_up = [this, caller](result<> told) {
      how = std::move(told);
      caller.resume();
    };
  }
  result<> await_resume() { return std::move(how); }
};

} // namespace

/// It lives on, is being started again already, or is started now.
async<std::string> head_admin::have_main() {
  auto* record = nodes_.find(ports_.plan.main_node());
  if (record != nullptr && record->state == node_record::condition::up) {
    co_return std::string{};
  }
  if (record != nullptr && record->state == node_record::condition::starting) {
    node_wait wait{record, {}};
    if (auto up = co_await wait) {
      co_return std::string{};
    }
  }
  co_return co_await start_main();
}

async<std::string> head_admin::start_main() {
  auto* record = nodes_.find(ports_.plan.main_node());
  error problem;
  if (record != nullptr) {
    ports_.books.actors.lose_node(record->node);
    if (auto started = start(*record); !started) {
      record = nullptr;
      problem = started.error();
    }
  } else if (auto made = launch({ports_.plan.main_process, true, false, true})) {
    record = *made;
  } else {
    problem = made.error();
  }
  if (record == nullptr) {
    co_return "the main process cannot start: " + problem.text;
  }
  node_wait wait{record, {}};
  auto up = co_await wait;
  co_return up ? std::string{} : "the main process cannot start: " + up.error().text;
}

async<std::string> head_admin::expect(request what, std::string expected) {
  const auto step = what.command + " to " + what.recipient.to_string();
  auto answer = co_await ctx().ask(std::move(what));
  if (answer->is(expected)) {
    co_return std::string{};
  }
  co_return fmt::format("{} was answered {} {}", step, answer->command(), answer->body().dump());
}

/// After a daemon that was killed: only what is missing, and no message a second time.
async<std::string> head_admin::run_start_list() {
  const auto main_node = ports_.plan.main_node();
  auto there = std::ranges::count_if(nodes_.all(), [](const node_record& one) { return one.wish.declared && one.numbered; });
  for (const auto& process : ports_.plan.processes) {
    if (process.name.empty() ? there-- > 0 : nodes_.find(ports_.plan.host + "." + process.name + ".admin") != nullptr) {
      continue; // it came back
    }
    auto made = launch(process);
    if (!made) {
      co_return "a process of the config cannot start: " + made.error().text;
    }
    node_wait wait{*made, {}};
    auto up = co_await wait;
    if (!up) {
      co_return "a process of the config cannot start: " + up.error().text;
    }
  }
  for (const auto& planned : ports_.plan.actors) {
    if (ports_.books.actors.names().find(planned.name)) {
      continue; // it came back
    }
    json body = json::object();
    body["class_desc"] = planned.class_desc;
    body["name"] = planned.name;
    body["supervision"] = planned.supervision;
    request create{address{planned.node.empty() ? main_node : planned.node, ""}, "create_actor", body, start_step_time, {}, {}};
    auto problem = co_await expect(std::move(create), "actor_is_created");
    if (problem.empty() && !planned.params.is_null()) {
      request params{address{planned.name}, "set_params", params_body(planned.params), start_step_time, {}, {}};
      problem = co_await expect(std::move(params), "params_are_set");
    }
    if (problem.empty() && planned.start) {
      request start{address{planned.name}, "start", nullptr, start_step_time, {}, {}};
      problem = co_await expect(std::move(start), "started");
    }
    if (!problem.empty()) {
      co_return "the actor " + planned.name + " of the config cannot start: " + problem;
    }
  }
  if (after_crash_) {
    co_return std::string{}; // they were sent
  }
  for (const auto& planned : ports_.plan.messages) {
    auto copy = planned.what;
    if (!planned.ask) {
      (void)ctx().send(std::move(copy));
      continue;
    }
    auto answer = co_await ctx().ask(std::move(copy));
    const auto& said = answer->command();
    const bool refused = said == "timer" || said == "is_not_handled" || said == "bad_request" || said == "mailbox_full" ||
                         said == "actor_has_failed" || said.find("_not_") != std::string::npos;
    if (refused) {
      co_return fmt::format("the start list's {} to {} was answered {} {}", planned.what.command,
                            planned.what.recipient.to_string(), said, answer->body().dump());
    }
  }
  co_return std::string{};
}

reply head_admin::quit(const message&) {
  if (!std::exchange(ending_, true)) {
    // The answer is on its way before the gateway begins to end.
    ctx().after(seconds{0.05}, [this] { end_everything(); });
  }
  return {"is_quiting"};
}

/// First the processes side by side, then the main one with the gateway; then the daemon itself.
void head_admin::end_everything() {
  ctx().log(log_level::info, "the system ends");
  auto others = node_names();
  auto left = std::make_shared<std::size_t>(others.size());
  auto note = [this](const std::string& node, bool forced) {
    if (forced) {
      forced_.push_back(node);
    }
  };
  auto last = [this, note] {
    const auto main_node = ports_.plan.main_node();
    end_node(main_node, [this, note, main_node](bool forced) {
      note(main_node, forced);
      // A system that could not go on did not end in order: the next start tries again with all it had.
      if (!failed_ || !(booted_ || after_crash_)) {
        ports_.books.store.set_clean_end();
      }
      ports_.ended(json{{"forced", forced_}});
    });
  };
  if (others.empty()) {
    last();
    return;
  }
  for (const auto& node : others) {
    end_node(node, [note, node, left, last](bool forced) {
      note(node, forced);
      if (--*left == 0) {
        last();
      }
    });
  }
}

reply head_admin::test_error(const message& what) {
  constexpr std::size_t most = 1000;
  if (test_errors_.size() < most) {
    test_errors_.push_back(what.body());
  }
  ctx().log(log_level::error, "test_error: " + what.body().dump());
  return reply::done();
}

/// Points of the daemon are armed here, the others at the main node.
reply head_admin::set_fault(const message& what) {
  const auto& body = what.body();
  const bool is_ours = body.is_object() && body.contains("point") && body["point"].is_string() &&
                       body["point"].get_ref<const std::string&>().starts_with("move.head.");
  if (!is_ours || !ports_.arm_fault) {
    return is_for_main(what);
  }
  const auto armed =
    ports_.arm_fault(body["point"].get<std::string>(), body.value("action", std::string{}), body.value("count", 1u));
  return armed ? reply{"fault_is_set"} : reply::bad_request("action", armed.error().text);
}

std::shared_ptr<const class_info> make_head_class(const head_ports& ports) {
  return std::make_shared<const class_info>(
    describe_class<head_admin>("HeadPrimeAdmin", [ports] { return std::make_unique<head_admin>(ports); }));
}

} // namespace troupe
