#pragma once

#include <troupe/context.hpp>

#include "actors/head/process_wish.hpp"
#include "runtime/supervision/group_plan.hpp"

#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// What the system starts with, in this order: the main node, the services, the builder of environments, the applications, processes,
/// actors, messages.
struct boot_plan {
  struct planned_actor {
    std::string name;
    std::string node; ///< empty: the main node
    json class_desc;
    json params; ///< object, or null
    bool start = false;
    json supervision; ///< object, or null
  };
  /// A door to the outside: an actor of the package `troupe` in the main node, which says by `service_is_ready` that it
  /// is open.
  struct planned_service {
    std::string service; ///< its name in ready.json
    std::string actor;
    std::string class_name;
    json params = json::object(); ///< name → value
  };
  struct planned_message {
    bool ask = true;
    request what;
  };

  std::string host = "first";
  std::string main_process = "main";
  std::vector<planned_service> services; ///< in the order of their start
  bool venv_builder = false;
  bool applications = false; ///< the actor that administers them
  std::vector<process_wish> processes;
  std::vector<planned_actor> actors;
  std::vector<planned_message> messages;
  group_plan groups; ///< of `actors`

  std::string main_node() const { return host + "." + main_process + ".admin"; }
};

/// `{"params": [{name, value}…]}` of an object name → value.
json params_body(const json& values);

} // namespace troupe
