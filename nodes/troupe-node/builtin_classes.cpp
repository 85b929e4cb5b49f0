#include "nodes/troupe-node/builtin_classes.hpp"

#include "nodes/common/node_setup.hpp"
#include "nodes/troupe-node/node_output.hpp"
#include "nodes/troupe-node/noted_listener.hpp"
#include "nodes/troupe-node/script_settings.hpp"

#include "actors/application/application_actor.hpp"
#include "actors/application/applications_actor.hpp"
#include "actors/script_server/script_server_actor.hpp"
#include "actors/task/task_actor.hpp"
#include "actors/venv/venv_builder.hpp"
#include "actors/web_face/web_face.hpp"
#include "actors/ws_bridge/ws_bridge.hpp"
#include "runtime/access/access_keeper.hpp"
#include "runtime/applications/application_script_catalog.hpp"
#include "runtime/config/run_user.hpp"
#include "runtime/observer/observer_run_host.hpp"
#include "runtime/process/event_loop.hpp"
#include "runtime/process/posix_process_host.hpp"
#include "runtime/task_id/task_id.hpp"
#include "runtime/warm_pool/node_warm_pool.hpp"
#include "web/bridge/bridge_server.hpp"
#include "web/script_server/script_server.hpp"
#include "web/server/web_server.hpp"

#include <thread>

namespace troupe {

namespace {

/// The one thread on which all runs of this process work.
class loop_thread {
public:
  explicit loop_thread(event_loop& loop) : loop_(loop), thread_([&loop] { loop.run(); }) {}
  loop_thread(const loop_thread&) = delete;
  loop_thread& operator=(const loop_thread&) = delete;
  ~loop_thread() {
    loop_.stop();
    thread_.join();
  }

private:
  event_loop& loop_;
  std::thread thread_;
};

address history_of(const settings& config) { return {daemon_node_of(config), std::string{runs_entity}}; }

} // namespace

struct builtin_classes::parts {
  parts(const settings& config, std::string token, const std::filesystem::path& program_dir, door& actors)
    : access(std::move(token), clock),
      bridges(access, bridge_options(config)), bridge_doors(bridges, "bridge"),
      server(actors, access, server_options(config)), doors(server, "api"),
      script_doors_body(actors, access, script_options_of(config)), script_doors(script_doors_body, "scripts"), thread(loop),
      warm_files(warm_programs_of(config, program_dir)),
      warm(loop, processes, warm_files, warm_options(config, warm_files)),
      runs(loop, processes, (program_dir / "troupe-observer").string(), &warm.observers()),
      scripts(config.folders.applications), desk(config.folders.applications), applications{&desk, &actors} {}

  web_server_options server_options(const settings& config) {
    web_server_options options;
    options.history = history_of(config);
    options.log_file = (config.folders.log / "troupe.log").string();
    options.applications_folder = config.folders.applications;
    options.join_task = [this](int socket, const http_request& opening, const std::string& task) {
      bridges.adopt(socket, opening, task);
    };
    options.log = [](log_level level, const std::string& text) { log_line(level, text); };
    return options;
  }

  static warm_programs warm_programs_of(const settings& config, const std::filesystem::path& program_dir) {
    return {(program_dir / "troupe-observer").string(), warm_parent_beside(program_dir), config.folders.runs.string(),
            [](const std::string& text) { log_line(log_level::info, text); }};
  }

  static warm_pool_options warm_options(const settings& config, const warm_programs& programs) {
    warm_pool_options options;
    options.most_parents = programs.parent_script.empty() ? 0 : config.tasks.warm_interpreters;
    options.idle = std::chrono::milliseconds{static_cast<std::int64_t>(config.tasks.warm_idle_s * 1000)};
    return options;
  }

  static bridge_server_options bridge_options(const settings& config) {
    bridge_server_options options;
    options.runs_folder = config.folders.runs.string();
    options.log = [](log_level level, const std::string& text) { log_line(level, text); };
    return options;
  }

  static script_server_options script_options_of(const settings& config) {
    const auto& from = config.script_server;
    script_server_options options;
    options.folder = config.folders.scripts;
    options.history = history_of(config);
    options.log = [](log_level level, const std::string& text) { log_line(level, text); };
    options.rules.timeout_s = from.timeout_s;
    options.rules.venv = from.venv;
    options.rules.warm = from.warm;
    options.rules.queue = {from.max_concurrent, from.queue};
    options.rules.cache.max_bytes = from.cache_mb << 20;
    options.rules.cache.max_age = std::chrono::milliseconds{static_cast<std::int64_t>(from.cache_ttl_s * 1000)};
    options.rules.venv_timeout_s = config.venvs.creation_timeout_s;
    options.rules.stop_grace_s = config.tasks.stop_grace_s;
    return options;
  }

  steady_access_clock clock;
  access_keeper access;
  bridge_server bridges; ///< outlives the server, which gives it clients
  noted_listener bridge_doors;
  web_server server;
  noted_listener doors;
  script_server script_doors_body;
  noted_listener script_doors;
  event_loop loop;
  loop_thread thread;
  posix_process_host processes;
  warm_programs warm_files;
  node_warm_pool warm;
  observer_run_host runs;
  application_script_catalog scripts;
  application_desk desk;
  application_ports applications;
  task_ports tasks;
  venv_ports venvs;
};

namespace {

/// A build's own tools are beside its programs.
std::string uv_of(const settings& config, const std::filesystem::path& program_dir) {
  if (config.venvs.uv.find('/') != std::string::npos) {
    return config.venvs.uv;
  }
  const auto own = (program_dir.parent_path() / "tools" / "bin" / config.venvs.uv).string();
  return find_program(own, {}).empty() ? config.venvs.uv : own;
}

venv_ports venv_ports_of(const settings& config, const std::filesystem::path& program_dir, run_host& runs) {
  venv_ports out;
  out.runs = &runs;
  out.folder = config.folders.venvs;
  out.tools.tool = config.venvs.tool;
  out.tools.uv = uv_of(config, program_dir);
  out.tools.python = config.venvs.python.empty() ? config.python : config.venvs.python;
  out.tools.index_url = config.venvs.index_url;
  out.tools.find_links = config.venvs.find_links.string();
  out.tools.offline = config.venvs.offline;
  out.environment = load_request_of_this_process().environment;
  out.use = config.venvs.use;
  out.default_name = config.venvs.default_name;
  out.requirements = config.venvs.requirements;
  out.clear_at_start = config.venvs.clear_at_start;
  out.prepare_at_start = config.venvs.prepare_at_start;
  out.creation_timeout_s = config.venvs.creation_timeout_s;
  out.wait_interval_s = config.venvs.wait_interval_s;
  return out;
}

} // namespace

builtin_classes::builtin_classes(const settings& config, std::string token, const std::filesystem::path& program_dir,
                                 door& actors)
  : parts_(std::make_unique<parts>(config, std::move(token), program_dir, actors)) {
  auto& tasks = parts_->tasks;
  tasks.runs = &parts_->runs;
  tasks.actors = &actors;
  tasks.scripts = &parts_->scripts;
  tasks.ompy_folder = ompy_folder_beside(program_dir);
  tasks.settings = settings_for_scripts(config);
  if (config.bridge.port == 0) {
    tasks.settings_now = [state_dir = config.state_dir] { return chosen_settings(state_dir); };
  }
  tasks.history = history_of(config);
  tasks.queues_runs = config.tasks.runs_at_once > 0;
  tasks.runs_folder = config.folders.runs.string();
  tasks.scripts_folder = config.folders.scripts.string();
  tasks.python = config.python;
  tasks.timeout_s = config.tasks.timeout_s;
  tasks.stop_grace_s = config.tasks.stop_grace_s;
  tasks.orphan_grace_s = config.orphan_grace_s;
  tasks.spool_bytes = config.tasks.spool_bytes;
  tasks.limits = {static_cast<double>(config.tasks.memory_mb),  config.tasks.cpu_s,
                  static_cast<double>(config.tasks.processes),  static_cast<double>(config.tasks.open_files),
                  static_cast<double>(config.tasks.disk_mb),    config.tasks.pid_namespace};
  if (const auto user = config.tasks.user.empty() ? std::nullopt : std::optional{find_run_user(config.tasks.user)}; user && *user) {
    tasks.user = {(*user)->uid, (*user)->gid, (*user)->name};
  }
  tasks.use_venvs = config.venvs.use;
  tasks.default_venv = config.venvs.default_name;
  tasks.venv_timeout_s = config.venvs.creation_timeout_s;
  parts_->venvs = venv_ports_of(config, program_dir, parts_->runs);
}

builtin_classes::~builtin_classes() = default;

void builtin_classes::end_prepared() { parts_->warm.close(); }

std::vector<class_info> builtin_classes::classes() const {
  std::vector<class_info> all;
  all.push_back(make_task_class(parts_->tasks));
  all.push_back(make_venv_builder_class(parts_->venvs));
  all.push_back(make_applications_class(parts_->applications));
  all.push_back(make_application_class(parts_->applications));
  all.push_back(make_web_face_class(web_face_ports{&parts_->doors}));
  all.push_back(make_ws_bridge_class(port_actor_ports{&parts_->bridge_doors}));
  all.push_back(make_script_server_class(port_actor_ports{&parts_->script_doors}));
  return all;
}

json builtin_classes::services() const {
  auto all = parts_->doors.services();
  all.update(parts_->bridge_doors.services());
  all.update(parts_->script_doors.services());
  return all;
}

} // namespace troupe
