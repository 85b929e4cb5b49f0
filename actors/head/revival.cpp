// What dies and should exist comes back: processes, their actors, and at the start what was written down.
#include "actors/head/head_admin.hpp"
#include "runtime/node/node_options.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace troupe {

namespace {

constexpr seconds restore_time{60};              ///< for one page
constexpr std::size_t page_actors = 1000;        ///< actors in one page
constexpr std::size_t page_bytes = 4u << 20;     ///< or checkpoints of this size

} // namespace

void head_admin::take_found() {
  auto found = std::exchange(ports_.found, nullptr);
  if (!found) {
    return;
  }
  after_crash_ = !found->clean_end && found->booted;
  nodes_.set_next_number(found->next_number);
  for (const auto& row : found->processes) {
    if (auto* record = nodes_.restore(row)) {
      if (row.node != ports_.plan.main_node()) {
        ports_.books.actors.reserve_node(row.node);
      }
      ports_.books.unsettled.unsettle(row.node, "the process " + record->node + " is being started again");
    }
  }
  for (auto& row : found->actors) {
    if (nodes_.find(row.node) == nullptr) {
      row.node = ports_.plan.main_node(); // its process is not to come back
      ports_.books.store.move_actor(row.name, row.node);
    }
  }
  ports_.books.actors.load(*found);
}

namespace {

/// How many have not called back yet, and who waits for them.
struct countdown {
  std::size_t left = 0;
  std::coroutine_handle<> caller;

  void one() {
    if (--left == 0 && caller) {
      std::exchange(caller, {}).resume();
    }
  }
};

/// Waits in a coroutine for a countdown. Apart from it, since g++ 12 copies what a dereferenced pointer awaits.
struct countdown_wait {
  std::shared_ptr<countdown> of;
  bool await_ready() const noexcept { return of->left == 0; }
  void await_suspend(std::coroutine_handle<> who) noexcept { of->caller = who; }
  void await_resume() const noexcept {}
};

} // namespace

/// At the start: the processes that were written down, side by side, with their actors. What does not come up is tried
/// again as after any death.
async<> head_admin::bring_back() {
  std::vector<std::string> nodes;
  for (const auto& record : nodes_.all()) {
    if (record.state == node_record::condition::waiting) {
      nodes.push_back(record.node);
    }
  }
  countdown_wait all{std::make_shared<countdown>()};
  for (const auto& node : nodes) {
    auto* record = nodes_.find(node);
    if (!record->wish.permanent) {
      drop(*record, "it died with the system");
      continue;
    }
    ports_.books.actors.lose_node(node);
    if (auto started = start(*record); !started) {
      begin_again(*record, started.error().text);
      continue;
    }
    ++all.of->left;
    record->on_up = [of = all.of](result<>) { of->one(); };
  }
  co_await all;
}

/// A process that was up has died; it comes back, or goes into quarantine.
void head_admin::begin_again(node_record& record, const std::string& how) {
  const auto node = record.node;
  auto& books = ports_.books;
  const auto temporary = books.actors.lose_node(node);
  record.note_death(how);
  const auto wait = record.policy.failed(std::chrono::steady_clock::now());
  const auto died = "the process " + node + " died: " + how;
  if (wait) {
    record.state = node_record::condition::waiting;
    ++record.restarts;
    books.unsettled.unsettle(node, died + "; it is being started again");
    ctx().after(*wait, [this, node, restarts = record.restarts] {
      auto* late = nodes_.find(node);
      if (late != nullptr && late->state == node_record::condition::waiting && late->restarts == restarts) {
        start_again(node);
      }
    });
    ctx().log(log_level::warning, fmt::format("{} is started again in {:.2f} s; {} names released", node, wait->count(),
                                              temporary.size()));
  } else {
    record.state = node_record::condition::quarantined;
    books.unsettled.give_up(node, fmt::format("the process {} is in quarantine, since it died too often (at last: {}); "
                                              "resume_process starts it again",
                                              node, how));
    ctx().log(log_level::error, node + " died too often and is in quarantine; resume_process starts it again");
  }
  books.store.put_process(record.row());
  tell_supervisor(node, how, wait.has_value());
  // Whoever waits for the dead process hears of its end, and asks for new places after that; the next process of this name
  // is not there yet.
  ports_.nodes.announce_down(node, died);
  answer_asked(record, "the process did not come up: " + how);
  if (!wait && node == ports_.plan.main_node()) {
    fail_system("the main process died too often, at last: " + how);
  }
}

void head_admin::start_again(const std::string& node) {
  auto* record = nodes_.find(node);
  if (ending_ || record == nullptr) {
    return;
  }
  if (auto started = start(*record); !started) {
    begin_again(*record, started.error().text);
  }
}

/// The new process of a node is up: its actors, then those who wait for them.
async<> head_admin::revive(std::string node, std::uint32_t incarnation) {
  const bool whole = co_await restore_actors(node, incarnation);
  if (!whole) {
    co_return; // it died again
  }
  ports_.books.unsettled.settle(node);
  co_await start_planned(node);
  std::string problem;
  if (booted_ && node == ports_.plan.main_node()) {
    problem = co_await start_services();
  }
  auto* record = nodes_.find(node);
  if (record == nullptr || record->incarnation != incarnation || ending_) {
    co_return;
  }
  if (!problem.empty()) {
    fail_system(problem);
    co_return;
  }
  if (booted_ && node == ports_.plan.main_node()) {
    ports_.ready(json(services_));
  }
  if (auto tell = std::exchange(record->on_up, nullptr)) {
    tell({});
  }
}

void head_admin::release_lost(const std::vector<std::string>& names, const std::string& node, const std::string& reason) {
  ports_.books.actors.release(names, node);
  (void)ctx().send(address{ctx().node(), std::string{supervisor_entity}}, "names_are_gone",
                   json{{"node", node}, {"names", names}, {"reason", reason}});
}

/// False: the process died before all were told.
async<bool> head_admin::restore_actors(const std::string& node, std::uint32_t incarnation) {
  auto& actors = ports_.books.actors;
  const auto names = actors.permanent_names(node);
  std::size_t at = 0;
  while (at < names.size()) {
    auto* record = nodes_.find(node);
    if (record == nullptr || record->incarnation != incarnation) {
      co_return false;
    }
    json page = json::array();
    std::vector<std::string> asked;
    std::size_t bytes = 0;
    for (; at < names.size() && page.size() < page_actors && bytes < page_bytes; ++at) {
      auto one = actors.restoration_of(names[at], record->restarts);
      if (one.is_object()) {
        bytes += actors.checkpoint_bytes(names[at]);
        asked.push_back(names[at]);
        page.push_back(std::move(one));
      }
    }
    json body = json::object();
    body["actors"] = std::move(page);
    request what{address{node, "troupe.admin"}, "restore_actors", std::move(body), restore_time, {}, {}};
    auto answer = co_await ctx().ask(std::move(what));
    record = nodes_.find(node);
    if (record == nullptr || record->incarnation != incarnation || record->state != node_record::condition::up) {
      co_return false;
    }
    if (answer->is("actor_has_failed")) {
      co_return false; // its end comes, and with it the next try
    }
    if (!answer->is("actors_are_restored")) {
      ctx().log(log_level::error, fmt::format("{} actors of {} are not restored: {} {}", asked.size(), node,
                                              answer->command(), answer->body().dump()));
      release_lost(asked, node, "it was not made again: " + answer->command());
      continue;
    }
    for (const auto& failed : answer->body().value("failed", json::array())) {
      const auto name = failed.value("name", "");
      ctx().log(log_level::error, fmt::format("{} is not restored: {}", name, failed.value("reason", "")));
      release_lost({name}, node, "it was not made again: " + failed.value("reason", ""));
    }
  }
  co_return true;
}

/// `{name, epoch, node}`, from the directory: a move gave the name to a replica that is not there any more.
void head_admin::actor_is_lost(const message& what) {
  const auto& body = what.body();
  const auto name = body.value("name", "");
  const auto place = ports_.books.actors.names().find(name);
  const bool is_that = place && place->since == epoch::from_json(body.value("epoch", json(nullptr))) &&
                       place->node == body.value("node", "");
  // A process that is being started again brings back what it had, this one among them.
  if (is_that && ports_.books.unsettled.is_settled(place->node)) {
    keep(make_again(name, place->node));
  }
}

/// The one actor as after the death of its process: from its last checkpoint, if it is to come back.
async<> head_admin::make_again(std::string name, std::string node) {
  auto& actors = ports_.books.actors;
  std::string reason = "it was lost with the process it was leaving";
  const auto* kind = actors.kind_of(name);
  const auto* record = nodes_.find(node);
  if (kind != nullptr && kind->is_permanent() && record != nullptr) {
    json body = json::object();
    body["actors"] = json::array({actors.restoration_of(name, record->restarts)});
    request order{address{node, "troupe.admin"}, "restore_actors", std::move(body), restore_time, {}, {}};
    auto answer = co_await ctx().ask(std::move(order));
    if (answer->is("actor_has_failed")) {
      co_return; // its process died too, and brings it back
    }
    const auto failed = answer->body().is_object() ? answer->body().value("failed", json::array()) : json::array();
    if (answer->is("actors_are_restored") && failed.empty()) {
      co_return;
    }
    reason += failed.empty() ? ", and was not made again: " + answer->command()
                             : ", and was not made again: " + failed[0].value("reason", "");
  }
  ctx().log(log_level::error, name + ": " + reason);
  release_lost({name}, node, reason);
}

/// The config's actors are set up by the config too, as far as their checkpoints do not say it: one that was never set has
/// none, and one that was started has its tickers in it if it keeps them.
async<> head_admin::start_planned(const std::string& node) {
  for (const auto& planned : ports_.plan.actors) {
    const auto place = ports_.books.actors.names().find(planned.name);
    if (!place || place->node != node) {
      continue;
    }
    const auto checkpoint = ports_.books.actors.checkpoint_of(planned.name);
    std::string problem;
    if (!checkpoint.is_object() && !planned.params.is_null()) {
      request params{address{planned.name}, "set_params", params_body(planned.params), seconds{10}, {}, {}};
      problem = co_await expect(std::move(params), "params_are_set");
    }
    const bool ticks = checkpoint.is_object() && checkpoint.contains("tickers") && !checkpoint["tickers"].empty();
    if (problem.empty() && planned.start && !ticks) {
      request start{address{planned.name}, "start", nullptr, seconds{10}, {}, {}};
      problem = co_await expect(std::move(start), "started");
    }
    if (!problem.empty()) {
      ctx().log(log_level::error, "the actor " + planned.name + " of the config is not as it says: " + problem);
    }
  }
}

reply head_admin::resume_process(const message& what) {
  const auto& body = what.body();
  if (!body.is_object() || !body.contains("node") || !body["node"].is_string()) {
    return reply::bad_request("node", "the node name of a process in quarantine");
  }
  const auto node = body["node"].get<std::string>();
  auto* record = nodes_.find(node);
  if (record == nullptr || record->state != node_record::condition::quarantined) {
    const auto reason = record == nullptr ? "there is no process " + node
                                          : "the process " + node + " is " + to_text(record->state) + ", not quarantined";
    return {"process_is_not_resumed", json{{"reason", reason}}};
  }
  record->policy.resume();
  ports_.books.unsettled.unsettle(node, "the process " + node + " is being started again");
  record->on_up = [answer = ctx().promise(), node](result<> how) {
    answer(how ? reply{"process_is_resumed", json{{"node", node}}}
               : reply{"process_is_not_resumed", json{{"reason", how.error().text}}});
  };
  start_again(node);
  return reply::later();
}

/// Runs work beside the messages; its end is its own affair.
void head_admin::keep(async<> work) {
  auto kept = std::make_shared<async<>>(std::move(work));
  std::erase_if(works_, [](const auto& one) { return one->done(); });
  works_.push_back(kept);
  kept->handle().resume();
}

void head_admin::fail_system(const std::string& problem) {
  failed_ = true;
  if (!ending_) {
    ctx().log(log_level::error, problem);
    ports_.failed(problem);
  }
}

} // namespace troupe
