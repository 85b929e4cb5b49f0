// One node process: an admin, the actors it makes, and the links to the other nodes. Started by the daemon only.
#include "actors/admin/process_admin.hpp"
#include "nodes/common/node_setup.hpp"
#include "nodes/troupe-node/builtin_classes.hpp"
#include "nodes/troupe-node/daemon_bond.hpp"
#include "nodes/troupe-node/node_output.hpp"
#include "runtime/access/token_file.hpp"
#include "runtime/caf/engine/caf_engine.hpp"
#include "runtime/faults/fault_points.hpp"
#include "runtime/node/local_node.hpp"
#include "runtime/node/mover.hpp"
#include "runtime/node/peer_table.hpp"
#include "runtime/node/thread_executor.hpp"
#include "runtime/packages/package_class_source.hpp"

#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdlib>
#include <future>
#include <thread>

#include <sys/wait.h>
#include <fmt/format.h>
#include <unistd.h>

namespace {

using namespace troupe;

constexpr auto flush_patience = std::chrono::seconds{1};

struct node_arguments {
  std::string settings_file;
  node_identity who;
  int link = -1;
  std::filesystem::path program_dir;
  std::string token;
};

/// The observers of ended runs exit a moment after their results are known; a node that went first would leave them to
/// others as zombies. The process host's own thread takes them.
void wait_for_children(std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds pause{5};
  for (; patience.count() > 0; patience -= pause) {
    siginfo_t info{};
    if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0) {
      return; // there are none
    }
    std::this_thread::sleep_for(pause);
  }
}

/// The end of the process: asked for by the admin, or because there is no daemon any more.
class end_signal {
public:
  void set(int code) {
    if (!set_.exchange(true)) {
      code_.set_value(code);
    }
  }
  int wait() { return code_.get_future().get(); }

private:
  std::atomic<bool> set_{false};
  std::promise<int> code_;
};

class node_program {
public:
  node_program(const settings& config, const node_arguments& with)
    : bond_(daemon_node_of(config), seconds{config.orphan_grace_s}, [this] { is_orphan(); }),
      node_(options_of(config, with.who), engine_.pool(), control_, engine_.transport()), builtins_(config, with.token, with.program_dir, node_),
      classes_(package_class_source_options{config.folders.packages, builtins_.classes(), "0.1.0", nullptr}) {
    process_admin_ports ports{node_, classes_};
    ports.incarnation = with.who.incarnation;
    ports.is_main = with.who.node == config.main_node();
    ports.daemon_node = daemon_node_of(config);
    ports.source_path = config.folders.packages.empty() ? "" : config.folders.packages.front().string();
    ports.work_path = config.folders.runs.string();
    ports.log_path = (config.folders.log / "troupe.log").string();
    if (config.test_faults) {
      ports.arm_fault = [this](const std::string& point, const std::string& action, unsigned count) {
        return faults_.arm(point, action, count);
      };
    }
    ports.services = [this] { return builtins_.services(); };
    ports.end_process = [this] { end_.set(0); };
    node_.install(std::string{local_admin_entity}, with.who.node, make_process_admin_class(ports));
    install_mover(node_);
  }

  int run(const settings& config, const node_arguments& with) {
    node_.peers().observe(daemon_events());
    bond_.begin(node_.timers());
    if (auto listening = node_.peers().listen(); !listening) {
      log_line(log_level::error, listening.error().text);
      return 2;
    }
    node_.peers().adopt(with.link, bond_.daemon(), true);
    const int code = end_.wait();
    if (code != 0) {
      // Nobody has ended the actors: they have their time, and what does not end by itself goes with the process.
      node_.peers().stop_listening();
      auto ended = std::make_shared<std::promise<void>>();
      node_.stop_actors([ended] { ended->set_value(); });
      ended->get_future().wait_for(std::chrono::duration<double>{config.exit_hook_s});
      ::_exit(code);
    }
    std::promise<void> settled;
    node_.peers().settle(flush_patience, [&settled] { settled.set_value(); });
    settled.get_future().wait_for(flush_patience * 2);
    builtins_.end_prepared();
    wait_for_children(flush_patience);
    node_.stop();
    control_.stop();
    engine_.stop();
    return code;
  }

private:
  peer_events daemon_events() {
    peer_events events;
    events.admit = [this](const peer_identity& who) { return bond_.admit(who); };
    events.on_up = [this](const peer_identity& who) {
      if (who.node == bond_.daemon() && bond_.up(who)) {
        release_output();
        log_line(log_level::info, "a daemon is there again");
      }
    };
    events.on_down = [this](const std::string& node, const std::string& reason) {
      if (node == bond_.daemon()) {
        hold_output();
        log_line(log_level::warning, fmt::format("the daemon is gone ({}); this node waits {} s for the next one", reason,
                                                 bond_.grace().count()));
        bond_.down();
      }
    };
    return events;
  }

  void is_orphan() {
    log_line(log_level::error, "no daemon has come, so this node ends");
    end_.set(3);
  }

  node_options options_of(const settings& config, const node_identity& who) {
    auto options = make_node_options(config, who);
    options.print = print_line;
    options.log = log_line;
    if (config.test_faults) {
      options.fault = [this](std::string_view point) { faults_.pass(point); };
    }
    return options;
  }

  end_signal end_;
  fault_points faults_{fault_points::on_this_process([this] { node_.peers().drop_all("a test breaks the links"); })};
  daemon_bond bond_;
  caf_engine engine_;
  thread_executor control_;
  local_node node_;
  builtin_classes builtins_;
  package_class_source classes_;
};

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"One node process of a Troupe system; trouped starts it."};
  node_arguments with;
  app.add_option("--settings", with.settings_file, "the system's settings")->required();
  app.add_option("--node", with.who.node, "the node's name")->required();
  app.add_option("--incarnation", with.who.incarnation, "which life of this name")->required();
  app.add_option("--link-fd", with.link, "the inherited link to the daemon")->required();
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGPIPE, SIG_IGN);
  load_request request = load_request_of_this_process();
  with.program_dir = request.program_dir;
  request.environment.clear();
  request.files = {with.settings_file};
  auto config = load_settings(request);
  if (!config) {
    log_line(log_level::error, config.error().text);
    return 2;
  }
  auto token = load_or_make_token((config->state_dir / "token").string());
  if (!token) {
    log_line(log_level::error, token.error().text);
    return 2;
  }
  with.token = std::move(*token);
  int code = 0;
  {
    node_program program{*config, with};
    code = program.run(*config, with);
  }
  return code;
}
