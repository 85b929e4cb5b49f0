#include "nodes/troupe-node/builtin_classes.hpp"

#include "nodes/troupe-node/node_output.hpp"
#include "nodes/troupe-node/noted_listener.hpp"
#include "nodes/troupe-node/script_settings.hpp"

#include "actors/task/task_actor.hpp"
#include "actors/web_face/web_face.hpp"
#include "actors/ws_bridge/ws_bridge.hpp"
#include "runtime/access/access_keeper.hpp"
#include "runtime/observer/observer_run_host.hpp"
#include "runtime/process/event_loop.hpp"
#include "runtime/process/posix_process_host.hpp"
#include "runtime/script_catalog/folder_script_catalog.hpp"
#include "web/bridge/bridge_server.hpp"
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

} // namespace

struct builtin_classes::parts {
  parts(const settings& config, std::string token, const std::filesystem::path& program_dir, door& actors)
    : access(std::move(token), clock),
      server(actors, access, server_options(config)), doors(server, "api"),
      bridges(access, bridge_options(config)), bridge_doors(bridges, "bridge"), thread(loop),
      runs(loop, processes, (program_dir / "troupe-observer").string()) {}

  static web_server_options server_options(const settings& config) {
    web_server_options options;
    options.log_file = (config.folders.log / "troupe.log").string();
    options.log = [](log_level level, const std::string& text) { log_line(level, text); };
    return options;
  }

  static bridge_server_options bridge_options(const settings& config) {
    bridge_server_options options;
    options.runs_folder = config.folders.runs.string();
    options.log = [](log_level level, const std::string& text) { log_line(level, text); };
    return options;
  }

  steady_access_clock clock;
  access_keeper access;
  web_server server;
  noted_listener doors;
  bridge_server bridges;
  noted_listener bridge_doors;
  event_loop loop;
  loop_thread thread;
  posix_process_host processes;
  observer_run_host runs;
  folder_script_catalog scripts;
  task_ports tasks;
};

builtin_classes::builtin_classes(const settings& config, std::string token, const std::filesystem::path& program_dir,
                                 door& actors)
  : parts_(std::make_unique<parts>(config, std::move(token), program_dir, actors)) {
  auto& tasks = parts_->tasks;
  tasks.runs = &parts_->runs;
  tasks.actors = &actors;
  tasks.scripts = &parts_->scripts;
  tasks.ompy_folder = ompy_folder_beside(program_dir);
  tasks.settings = settings_for_scripts(config);
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
}

builtin_classes::~builtin_classes() = default;

std::vector<class_info> builtin_classes::classes() const {
  std::vector<class_info> all;
  all.push_back(make_task_class(parts_->tasks));
  all.push_back(make_web_face_class(web_face_ports{&parts_->doors}));
  all.push_back(make_ws_bridge_class(ws_bridge_ports{&parts_->bridge_doors}));
  return all;
}

json builtin_classes::services() const {
  auto all = parts_->doors.services();
  all.update(parts_->bridge_doors.services());
  return all;
}

} // namespace troupe
