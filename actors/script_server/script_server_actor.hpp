#pragma once

#include "actors/port_actor/port_actor.hpp"

namespace troupe {

/// The class `ScriptServer` of package `troupe`: the script server as an actor.
class_info make_script_server_class(port_actor_ports ports);

} // namespace troupe
