#include "actors/script_server/script_server_actor.hpp"

namespace troupe {
namespace {

struct script_server_kind {
  static constexpr const char* service = "scripts";
  static constexpr const char* name = "the script server";
  static constexpr const char* doc = "The script server: stores Python scripts and runs them over HTTP.";
  static constexpr std::int64_t port = 3000;
};

} // namespace

class_info make_script_server_class(port_actor_ports ports) {
  using script_server_actor = port_actor<script_server_kind>;
  return describe_class<script_server_actor>("ScriptServer", [ports] { return std::make_unique<script_server_actor>(ports); });
}

} // namespace troupe
