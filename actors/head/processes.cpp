// The prime's part of the head's admin: its host's node processes.
#include "actors/head/head_admin.hpp"
#include "runtime/node/node_options.hpp"

#include <fmt/format.h>

namespace troupe {

namespace {
constexpr seconds start_time{15};
constexpr seconds watch_period{0.2};
constexpr seconds exit_time{2}; ///< from the last actor's end to the process's
} // namespace

reply head_admin::create_process(const message& what) {
  const auto& body = what.body();
  std::string process;
  if (!body.is_null() && !(body.is_string() && body.get_ref<const std::string&>().empty())) {
    if (!body.is_object() || (body.contains("name") && !(body["name"].is_string() || body["name"].is_null()))) {
      return reply::bad_request("name", "the new process's name, or nothing");
    }
    process = body.contains("name") && body["name"].is_string() ? body["name"].get<std::string>() : "";
  }
  if (ending_) {
    return {"process_is_not_created", json{{"reason", "the system is ending"}}};
  }
  auto made = launch(process);
  if (!made) {
    return {"process_is_not_created", json{{"reason", made.error().text}}};
  }
  (*made)->asked = ctx().current();
  return reply::later();
}

result<node_record*> head_admin::launch(const std::string& process) {
  auto added = nodes_.add(process, next_incarnation_++);
  if (!added) {
    return added;
  }
  auto& record = **added;
  const auto node = record.node;
  const auto incarnation = record.incarnation;
  ports_.names.open_node(node);
  if (node != ports_.plan.main_node() && !ports_.names.reserve({node}, node)) {
    nodes_.remove(node);
    return fail(error_code::name_taken, "the name " + node + " is in use in the system");
  }
  auto pid = ports_.nodes.launch(node, incarnation);
  if (!pid) {
    ports_.names.release_node(node);
    nodes_.remove(node);
    return std::unexpected(pid.error());
  }
  record.pid = *pid;
  ctx().after(start_time, [this, node, incarnation] {
    auto* late = nodes_.find(node);
    if (late != nullptr && late->incarnation == incarnation && late->state == node_record::condition::starting) {
      late->verdict = fmt::format("it did not come up within {} s", start_time.count());
      ports_.nodes.kill(node);
    }
  });
  return &record;
}

reply head_admin::node_is_up(const message& what) {
  auto* record = nodes_.find(what.body().value("node", ""));
  if (record == nullptr || record->incarnation != what.body().value("incarnation", 0u)) {
    return reply::done();
  }
  if (record->state == node_record::condition::starting) {
    record->state = node_record::condition::up;
    record->up_since = std::chrono::steady_clock::now();
  }
  if (auto question = std::exchange(record->asked, nullptr); question && question->wants_answer()) {
    // The answer comes from the new process itself.
    (void)ctx().send(request{address{record->node, "troupe.admin"}, "announce", nullptr, {}, question->sender(), {}});
  }
  if (auto tell = std::exchange(record->on_up, nullptr)) {
    tell({});
  }
  return reply::done();
}

void head_admin::answer_asked(node_record& record, const std::string& reason) {
  if (auto question = std::exchange(record.asked, nullptr); question && question->wants_answer()) {
    (void)ctx().send(question->sender(), "process_is_not_created", json{{"reason", reason}});
  }
  if (auto tell = std::exchange(record.on_up, nullptr)) {
    tell(fail(error_code::unavailable, reason));
  }
}

reply head_admin::node_has_exited(const message& what) {
  const auto node = what.body().value("node", "");
  auto* record = nodes_.find(node);
  if (record == nullptr || record->incarnation != what.body().value("incarnation", 0u)) {
    return reply::done();
  }
  auto gone = nodes_.take(*record);
  // Replicas that were complete take over; their nodes are told before anybody can look the names up.
  for (const auto& [name, where] : ports_.names.promote_replicas(node)) {
    (void)ctx().send(address{where.node, "troupe.mover"}, "enliven", json{{"name", name}, {"epoch", where.since.to_json()}});
  }
  const auto lost = ports_.names.release_node(node);
  auto how = what.body().value("how", "it ended");
  if (!gone.verdict.empty()) {
    how = gone.verdict + "; " + how;
  }
  const bool expected = gone.state == node_record::condition::ending;
  ports_.nodes.announce_down(node, expected ? "the process " + node + " was removed" : "the process " + node + " died: " + how);
  if (!expected) {
    ctx().log(log_level::error, fmt::format("{} (pid {}) died: {}; {} names released", node, gone.pid, how, lost));
  }
  const bool returns = !expected && !ending_ && node == ports_.plan.main_node() && booted_;
  (void)ctx().send(address{ctx().node(), std::string{supervisor_entity}}, "node_is_gone",
                   json{{"node", node}, {"reason", how}, {"will_restart", returns}});
  answer_asked(gone, "the process did not come up: " + how);
  for (auto& tell : gone.on_end) {
    tell(gone.forced);
  }
  if (returns) {
    auto work = std::make_shared<async<>>(revive_main());
    works_.push_back(work);
    work->handle().resume();
  }
  return reply::done();
}

reply head_admin::remove_process(const message& what) {
  const auto& body = what.body();
  if (!body.is_object() || !body.contains("node") || !body["node"].is_string()) {
    return reply::bad_request("node", "the node name of the process to remove");
  }
  const auto node = body["node"].get<std::string>();
  if (node == ports_.plan.main_node()) {
    return {"process_is_not_removed", json{{"reason", "the main process belongs to the system; quit ends both"}}};
  }
  if (nodes_.find(node) == nullptr) {
    return {"process_is_not_removed", json{{"reason", "there is no process " + node}}};
  }
  end_node(node, [answer = ctx().promise()](bool forced) {
    answer(reply{"process_is_removed", forced ? json{{"forced", true}} : json(nullptr)});
  });
  return reply::later();
}

/// In order first (every actor's exit hook has its time), then by force.
void head_admin::end_node(const std::string& node, std::function<void(bool forced)> done) {
  auto* record = nodes_.find(node);
  if (record == nullptr) {
    done(false);
    return;
  }
  record->on_end.push_back(std::move(done));
  if (record->state == node_record::condition::ending) {
    return;
  }
  const auto incarnation = record->incarnation;
  record->state = node_record::condition::ending;
  auto force = [this, node, incarnation] {
    auto* late = nodes_.find(node);
    if (late != nullptr && late->incarnation == incarnation) {
      late->forced = true;
      late->verdict = "it did not end by itself";
      ports_.nodes.kill(node);
    }
  };
  request last{address{node, "troupe.admin"}, "end_node", nullptr, ports_.exit_hook + seconds{2}, {}, {}};
  ctx().ask_then(std::move(last), [this, force](const message_ptr& answer) {
    if (answer->is("node_has_ended") || answer->is("node_is_ending")) {
      ctx().after(exit_time, force);
    } else {
      force();
    }
  });
}

/// Beats with every node and judges the silent ones. Only this admin judges.
void head_admin::watch() {
  for (auto& record : nodes_.all()) {
    if (record.state != node_record::condition::up) {
      continue;
    }
    const auto silence = ports_.nodes.silence(record.node);
    if (!silence) {
      continue;
    }
    if (*silence > ports_.heartbeat) {
      ports_.nodes.ping(record.node);
    }
    if (*silence < ports_.liveness.dead_after || !record.verdict.empty()) {
      continue;
    }
    auto why = judge_liveness(*silence, ports_.nodes.condition(record.node), ports_.liveness);
    if (!why.empty()) {
      record.verdict = fmt::format("no sign of life for {:.1f} s, {}", silence->count(), why);
      ports_.nodes.kill(record.node);
    }
  }
  ctx().after(watch_period, [this] { watch(); });
}

} // namespace troupe
