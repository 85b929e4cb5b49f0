#pragma once

#include "nodes/troupe/arguments.hpp"
#include "nodes/troupe/exit_code.hpp"
#include "nodes/troupe/gateway.hpp"
#include "nodes/troupe/state_dir.hpp"
#include "nodes/troupe/text_sink.hpp"

#include <troupe/json.hpp>

#include <filesystem>
#include <string_view>

namespace troupe::cli {

/// What a command works with: where the system's folder is and where to write. Lives as long as the command.
class command_context {
public:
  command_context(const common_options& common, std::filesystem::path state_dir, text_sink& sink, bool colour)
      : is_json_(common.json), has_state_dir_flag_(!common.state_dir.empty()), colour_(colour),
        state_dir_(std::move(state_dir)), sink_(sink) {}

  bool is_json() const noexcept { return is_json_; }
  bool has_state_dir_flag() const noexcept { return has_state_dir_flag_; }
  bool colour() const noexcept { return colour_; }
  const std::filesystem::path& state_dir() const noexcept { return state_dir_; }
  text_sink& sink() const noexcept { return sink_; }

  /// The gateway of the system that runs on the state folder.
  attempt<gateway> connect() const;
  /// The script server of that system.
  attempt<gateway> connect_to_scripts() const;

  /// The one JSON document of `--json`.
  void print_json(const json& document) const;
  void print(std::string_view text) const { sink_.out(text); }
  /// `troupe: <text>` on standard error.
  void complain(std::string_view text) const;

private:
  bool is_json_;
  bool has_state_dir_flag_;
  bool colour_;
  std::filesystem::path state_dir_;
  text_sink& sink_;
};

/// The gateway that `ready` tells of, or what listens behind another of its doors.
attempt<gateway> connect_to(const ready_info& ready, const std::filesystem::path& state_dir,
                            std::string ready_info::*door = &ready_info::api);

} // namespace troupe::cli
