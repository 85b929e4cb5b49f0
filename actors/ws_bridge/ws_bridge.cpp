#include "actors/ws_bridge/ws_bridge.hpp"

namespace troupe {
namespace {

struct bridge_kind {
  static constexpr const char* service = "bridge";
  static constexpr const char* name = "the bridge";
  static constexpr const char* doc = "The bridge: websockets of other programs and tasks to the socket of a task.";
  static constexpr std::int64_t port = 18564;
};

} // namespace

class_info make_ws_bridge_class(port_actor_ports ports) {
  using ws_bridge = port_actor<bridge_kind>;
  return describe_class<ws_bridge>("WsBridge", [ports] { return std::make_unique<ws_bridge>(ports); });
}

} // namespace troupe
