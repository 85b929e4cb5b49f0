#pragma once

#include "nodes/troupe/arguments.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <memory>
#include <string>
#include <utility>

namespace troupe::cli {

/// The command line's grammar while it is built and read. Only the `syntax*.cpp` know CLI11.
struct syntax {
  CLI::App app{"Starts, asks and ends a Troupe system, and runs scripts in it.", "troupe"};
  invocation chosen;

  /// A command below `parent` with the options that all commands have.
  CLI::App* command(CLI::App& parent, const std::string& name, const std::string& description,
                    const std::string& examples) {
    CLI::App* made = parent.add_subcommand(name, description);
    made->footer("Examples:\n" + examples);
    add_common(*made);
    return made;
  }

  void add_common(CLI::App& target) {
    target.add_flag("--json", chosen.common.json, "print one JSON document instead of text for people");
    target.add_option("--state-dir", chosen.common.state_dir,
                      "folder of the running system (else $TROUPE_STATE_DIR, $XDG_STATE_HOME/troupe, "
                      "~/.local/state/troupe)");
  }

  /// When `command` is the last one named on the line, `options` is what is to be done.
  template <class Options>
  void choose(CLI::App* command, std::shared_ptr<Options> options) {
    command->callback([this, command, options] {
      if (command->get_subcommands().empty()) {
        chosen.command = *options;
      }
    });
  }
};

void add_system_commands(syntax& to);  ///< up, down, status, logs, config, doctor, completion
void add_message_commands(syntax& to); ///< ask, send, actors, move, processes, pkg
void add_task_commands(syntax& to);    ///< run, tasks
void add_app_commands(syntax& to);     ///< app
void add_script_commands(syntax& to);  ///< script
void add_venv_commands(syntax& to);    ///< venv

/// The options that `run` and `app run` have in common.
void add_run_settings(CLI::App& command, run_options& options);

} // namespace troupe::cli
