#pragma once

#include "actors/port_actor/port_actor.hpp"

namespace troupe {

/// The class `WsBridge` of package `troupe`: the bridge as an actor.
class_info make_ws_bridge_class(port_actor_ports ports);

} // namespace troupe
