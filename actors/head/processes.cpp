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
  auto wish = parse_process_wish(what.body());
  if (!wish) {
    return std::move(wish.error());
  }
  if (ending_) {
    return {"process_is_not_created", json{{"reason", "the system is ending"}}};
  }
  auto made = launch(*wish);
  if (!made) {
    return {"process_is_not_created", json{{"reason", made.error().text}}};
  }
  (*made)->asked = ctx().current();
  return reply::later();
}

result<node_record*> head_admin::launch(const process_wish& wish) {
  auto added = nodes_.add(wish.name, 0);
  if (!added) {
    return added;
  }
  auto& record = **added;
  const auto node = record.node;
  record.wish = wish;
  if (node != ports_.plan.main_node() && !ports_.books.actors.reserve_node(node)) {
    nodes_.remove(node);
    return fail(error_code::name_taken, "the name " + node + " is in use in the system");
  }
  if (auto started = start(record); !started) {
    ports_.books.actors.release_node(node);
    nodes_.remove(node);
    return std::unexpected(started.error());
  }
  if (record.numbered) {
    ports_.books.store.set_next_number(nodes_.next_number());
  }
  return &record;
}

/// A process for a record, the first one or one more.
result<> head_admin::start(node_record& record) {
  const auto node = record.node;
  const auto incarnation = next_incarnation_++;
  record.incarnation = incarnation;
  record.state = node_record::condition::starting;
  record.adopted = false;
  record.verdict.clear();
  ports_.books.actors.names().open_node(node);
  auto pid = ports_.nodes.launch(node, incarnation);
  if (!pid) {
    return std::unexpected(pid.error());
  }
  record.pid = *pid;
  ports_.books.store.put_process(record.row());
  ctx().after(start_time, [this, node, incarnation] {
    auto* late = nodes_.find(node);
    if (late != nullptr && late->incarnation == incarnation && late->state == node_record::condition::starting) {
      late->verdict = fmt::format("it did not come up within {} s", start_time.count());
      ports_.nodes.kill(node);
    }
  });
  return {};
}

reply head_admin::node_is_up(const message& what) {
  auto* record = nodes_.find(what.body().value("node", ""));
  if (record == nullptr || record->incarnation != what.body().value("incarnation", 0u)) {
    return reply::done();
  }
  if (record->state == node_record::condition::starting) {
    record->state = node_record::condition::up;
    record->up_since = std::chrono::steady_clock::now();
    ports_.books.unsettled.admin_is_up(record->node);
    // One that was taken over has its actors; who took it over asks for their names.
    if (std::exchange(record->came_up, true) && !record->adopted) {
      keep(revive(record->node, record->incarnation));
      return reply::done();
    }
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
  auto how = what.body().value("how", "it ended");
  if (!record->verdict.empty()) {
    how = record->verdict + "; " + how;
  }
  const bool expected = record->state == node_record::condition::ending;
  if (!expected) {
    ctx().log(log_level::error, fmt::format("{} (pid {}) died: {}", node, record->pid, how));
  }
  // Replicas that were complete take over; their nodes are told before anybody can look the names up.
  for (const auto& [name, where] : ports_.books.actors.promote_replicas(node)) {
    (void)ctx().send(address{where.node, "troupe.mover"}, "enliven", json{{"name", name}, {"epoch", where.since.to_json()}});
  }
  if (expected || ending_ || !record->wish.permanent || !record->came_up) {
    drop(*record, how);
  } else {
    begin_again(*record, how);
  }
  return reply::done();
}

/// The process has ended and does not come back.
void head_admin::drop(node_record& record, const std::string& how) {
  auto gone = nodes_.take(record);
  const auto& node = gone.node;
  const bool expected = gone.state == node_record::condition::ending;
  // What ends with the system stays written down, for the next start to choose from.
  ports_.books.actors.release_node(node, ending_);
  ports_.books.unsettled.settle(node);
  tell_supervisor(node, expected ? "the process was removed" : how, false);
  ports_.nodes.announce_down(node, expected ? "the process " + node + " was removed" : "the process " + node + " died: " + how);
  answer_asked(gone, "the process did not come up: " + how);
  for (auto& tell : gone.on_end) {
    tell(gone.forced);
  }
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
  end_node(node, [this, answer = ctx().promise()](bool forced) {
    // What is told to have been removed does not come back after a crash.
    ports_.books.store.flush([answer, forced](result<>) {
      answer(reply{"process_is_removed", forced ? json{{"forced", true}} : json(nullptr)});
    });
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
  if (!record->is_running()) {
    record->state = node_record::condition::ending;
    drop(*record, "it was not running");
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
    const bool is_dialled = record.adopted && record.state == node_record::condition::starting;
    if (record.state != node_record::condition::up && !is_dialled) {
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
