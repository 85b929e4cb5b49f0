#include "nodes/trouped/daemon.hpp"

#include "actors/head/directory_actor.hpp"
#include "actors/head/head_admin.hpp"
#include "actors/head/supervisor.hpp"
#include "actors/runs/runs_actor.hpp"
#include "nodes/common/node_setup.hpp"
#include "nodes/trouped/boot_plan_of.hpp"
#include "nodes/trouped/left_nodes.hpp"
#include "nodes/trouped/posix_launcher.hpp"
#include "nodes/trouped/signal_wait.hpp"
#include "runtime/access/token_file.hpp"
#include "runtime/caf/engine/caf_engine.hpp"
#include "runtime/faults/fault_points.hpp"
#include "runtime/log/log.hpp"
#include "runtime/node/local_node.hpp"
#include "runtime/node/peer_table.hpp"
#include "runtime/node/thread_executor.hpp"
#include "runtime/observer/orphan_sweep.hpp"
#include "runtime/process/posix_process_host.hpp"
#include "runtime/store/sqlite_store.hpp"
#include "runtime/task_id/task_id.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <optional>

#include <fmt/format.h>
#include <unistd.h>

namespace troupe {

namespace {

constexpr int exit_config = 2;

verbosity to_verbosity(log_level level) {
  constexpr verbosity all[]{verbosity::debug, verbosity::info, verbosity::warning, verbosity::error};
  return all[static_cast<int>(level)];
}

/// Ours have the head's incarnation in their upper half, so that no node of an earlier start has the same.
std::uint32_t first_node_incarnation(std::uint32_t head) { return (head << 16) + 1; }

} // namespace

struct host_daemon::parts {
  parts(const settings& config, std::unique_ptr<log> opened, std::uint32_t incarnation, const boot_plan& plan,
        sqlite_store::opened found, std::vector<left_node> left, host_daemon& owner)
    : lines(std::move(opened)), launcher({owner.paths_.node_program, owner.settings_file()}, processes, *lines),
      books(incarnation, *found.store), node(options_of(config, incarnation), engine.pool(), control, engine.transport()),
      store(std::move(found.store)),
      desk(std::in_place, config.state_dir / "system.db", config.folders.runs.string()) {
    launcher.attach(node);
    head_ports ports{launcher, books, node, plan};
    ports.found = std::make_shared<store_content>(std::move(found.content));
    const auto& restarts = config.process_restarts;
    ports.process_restarts = {restarts.most, seconds{restarts.window_s}, seconds{restarts.backoff_s},
                              seconds{restarts.max_backoff_s}};
    for (const auto& one : left) {
      books.actors.names().begin_census(one.node); // before anybody can ask for a name
    }
    ports.left = std::move(left);
    ports.first_incarnation = first_node_incarnation(incarnation);
    ports.heartbeat = seconds{config.heartbeat.interval_s};
    ports.liveness.dead_after = seconds{config.heartbeat.dead_after_s};
    ports.exit_hook = seconds{config.exit_hook_s};
    ports.ready = [&owner](const json& services) { owner.ready(services); };
    ports.failed = [&owner](const std::string& reason) { owner.failed(reason); };
    std::function<void(std::string_view)> pass;
    if (config.test_faults) {
      ports.arm_fault = [this](const std::string& point, const std::string& action, unsigned count) {
        return faults.arm(point, action, count);
      };
      pass = [this](std::string_view point) { faults.pass(point); };
    }
    ports.ended = [this](const json& report) {
      end_report = report;
      waiting.wake();
    };
    const auto forget = [this](const std::string& name) { node.routes().forget(name, {}); };
    node.install(std::string{directory_entity}, std::string{directory_entity}, make_directory_class(books, pass, forget));
    supervisor_ports watching{[this](const std::string& name) { return books.actors.names().find(name); },
                              config.main_node(), plan.groups};
    node.install(std::string{supervisor_entity}, std::string{supervisor_entity}, make_supervisor_class(watching));
    node.install(std::string{runs_entity}, std::string{runs_entity},
                 std::make_shared<const class_info>(make_runs_class(runs_ports_of(config))));
    node.install(std::string{local_admin_entity}, config.main_node(), make_head_class(ports));
  }

  node_options options_of(const settings& config, std::uint32_t incarnation) {
    auto options = make_node_options(config, {daemon_node_of(config), incarnation});
    options.log = [this](log_level level, std::string_view text) { lines->write(to_verbosity(level), text); };
    return options;
  }

  runs_ports runs_ports_of(const settings& config) {
    runs_ports ports{*store, *desk, config.folders.runs.string(), {}, {}, {}};
    ports.node_of = [this](const std::string& name) {
      const auto found = books.actors.names().find(name);
      return found ? std::optional{found->node} : std::nullopt;
    };
    ports.names_are_settled = [this] { return books.actors.names().is_settled(); };
    const auto& history = config.tasks.history;
    ports.keeping = {std::chrono::hours{24} * history.max_age_days, history.max_output_mb << 20, history.max_runs,
                     seconds{history.keep_actor_s}, history.max_actors};
    ports.most_at_once = config.tasks.runs_at_once;
    ports.most_waiting = config.tasks.queue;
    ports.period = seconds{std::clamp(history.keep_actor_s / 4, 0.5, 5.0)};
    return ports;
  }

  void tell_head(std::string command, json body = nullptr) {
    (void)node.send(request{address{std::string{local_admin_entity}}, std::move(command), std::move(body), {}, {}, {}});
  }

  std::unique_ptr<log> lines;
  signal_wait waiting;
  fault_points faults{fault_points::on_this_process([this] { node.peers().drop_all("a test breaks the links"); })};
  posix_process_host processes;
  posix_launcher launcher;
  caf_engine engine{caf_engine_options{2, {}}};
  thread_executor control;
  head_books books;
  local_node node;
  std::unique_ptr<sqlite_store> store; ///< ends before the node, which it answers through
  std::optional<run_desk> desk;        ///< likewise, and before the store, which it writes into
  json end_report;
  std::string failure;
};

host_daemon::host_daemon(settings config, state_folder folder, daemon_paths paths)
  : config_(std::move(config)), folder_(std::move(folder)), paths_(std::move(paths)) {}

host_daemon::~host_daemon() = default;

int host_daemon::run() {
  auto complain = [](const error& why) {
    fmt::print(stderr, "trouped: {}\n", why.text);
    return exit_config;
  };
  auto plan = boot_plan_of(config_);
  if (!plan) {
    return complain(plan.error());
  }
  auto level = parse_verbosity(config_.log.level);
  auto lines = open_log({config_.folders.log / "troupe.log", config_.log.file_bytes, config_.log.files, config_.log.to_stderr,
                         config_.log.async, level.value_or(verbosity::info), "trouped"});
  if (!lines) {
    return complain(lines.error());
  }
  if (auto token = load_or_make_token((config_.state_dir / "token").string()); !token) {
    return complain(token.error());
  }
  auto incarnation = folder_.next_incarnation();
  if (!incarnation) {
    return complain(incarnation.error());
  }
  auto* log_lines = lines->get();
  auto kept = sqlite_store::open({config_.state_dir / "system.db", sqlite_store::options{}.most_queued,
                                  [log_lines](const std::string& text) { log_lines->error(text); }});
  if (!kept) {
    return complain(kept.error());
  }
  auto written = write_file_atomically(settings_file(), settings_to_json(config_).dump(), 0600);
  if (!written) {
    return complain(written.error());
  }
  for (const auto& warning : config_.warnings) {
    (*lines)->warning(warning);
  }
  if (const auto killed = sweep_dead_runs(config_.folders.runs.string()); killed > 0) {
    (*lines)->warning(fmt::format("{} processes of runs whose observers are dead were killed", killed));
  }
  auto left = left_nodes(kept->content, *incarnation);
  parts_ = std::make_unique<parts>(config_, std::move(*lines), *incarnation, *plan, std::move(*kept), std::move(left), *this);
  auto& all = *parts_;
  peer_events events;
  events.admit = [&all](const peer_identity& who) { return all.launcher.admit(who.node, who.incarnation); };
  events.on_up = [&all](const peer_identity& who) {
    all.tell_head("node_is_up", json{{"node", who.node}, {"incarnation", who.incarnation}, {"pid", who.pid}});
  };
  events.on_down = [&all](const std::string& node, const std::string&) { all.launcher.link_lost(node); };
  all.node.peers().observe(std::move(events));
  if (auto listening = all.node.peers().listen(); !listening) {
    return complain(listening.error());
  }
  all.lines->info(fmt::format("system {} starts, incarnation {}, pid {}", config_.system, *incarnation, ::getpid()));
  all.tell_head("boot");

  // The first signal ends the system in order; one more does not wait for anybody.
  int signals = 0;
  while (all.waiting.wait() == signal_wait::event::signal) {
    if (++signals == 1) {
      all.tell_head("quit");
    } else {
      all.launcher.kill_all();
    }
  }
  folder_.remove_ready();
  const auto forced = all.end_report.value("forced", json::array());
  if (!forced.empty()) {
    fmt::print(stderr, "trouped: had to kill {}\n", forced.dump());
  }
  all.lines->info("the system has ended; killed: " + forced.dump());
  all.node.stop();
  all.control.stop();
  all.books.unsettled = {}; // who still waits there is answered through the node, which ends before the books
  all.engine.stop();
  all.desk.reset();
  all.store.reset();
  if (!all.failure.empty()) {
    fmt::print(stderr, "trouped: {}\n", all.failure);
    return exit_config;
  }
  return 0;
}

/// What a killed daemon has left and this one takes over: what was written down, and what the last daemon started in its
/// last moments. Whatever else runs with our settings is ended before the start.
std::vector<left_node> host_daemon::left_nodes(const store_content& found, std::uint32_t incarnation) const {
  const auto is_known = [&](const left_node& one) {
    const bool is_written = std::ranges::any_of(found.processes, [&](const process_row& row) {
      return row.node == one.node && row.incarnation == one.incarnation;
    });
    return !found.clean_end && one.node.starts_with(config_.host + ".") &&
           (is_written || one.incarnation >= first_node_incarnation(incarnation - 1));
  };
  auto left = keep_left_nodes(find_left_nodes(settings_file()), is_known);
  if (folder_.owns(config_.folders.run)) {
    remove_dead_sockets(config_.folders.run, left);
  }
  return left;
}

void host_daemon::ready(const json& services) {
  json content{{"pid", ::getpid()},
               {"api", nullptr},
               {"bridge", nullptr},
               {"scripts", nullptr},
               {"settings", settings_file()},
               {"token_file", (config_.state_dir / "token").string()},
               {"system", config_.system},
               {"head", config_.main_node()}};
  for (const auto& [name, service] : services.items()) {
    content[name] = service.value("address", json(nullptr));
    if (service.contains("login")) {
      content["login"] = service["login"];
    }
  }
  if (auto written = folder_.write_ready(content); !written) {
    parts_->lines->error(written.error().text);
  }
  fmt::print("troupe: system {} is ready{}\n", config_.system,
             content["api"].is_string() ? ", console at " + content["api"].get<std::string>() : std::string{});
  if (content.contains("login") && content["login"].is_string()) {
    fmt::print("troupe: log in at {}\n", content["login"].get<std::string>());
  }
  std::fflush(stdout);
}

void host_daemon::failed(const std::string& reason) {
  parts_->failure = reason;
  parts_->lines->error(reason);
  parts_->tell_head("quit");
}

} // namespace troupe
