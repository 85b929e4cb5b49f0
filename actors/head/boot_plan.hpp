#pragma once

#include <troupe/context.hpp>

#include "actors/head/process_wish.hpp"
#include "runtime/supervision/group_plan.hpp"

#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// What the system starts with, in this order: the main node, the gateway, the builder of environments, processes,
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
  struct planned_message {
    bool ask = true;
    request what;
  };

  std::string host = "first";
  std::string main_process = "main";
  bool gateway = true;
  json gateway_params = json::object(); ///< name → value
  bool venv_builder = false;
  std::vector<process_wish> processes;
  std::vector<planned_actor> actors;
  std::vector<planned_message> messages;
  group_plan groups; ///< of `actors`

  std::string main_node() const { return host + "." + main_process + ".admin"; }
};

/// `{"params": [{name, value}…]}` of an object name → value.
json params_body(const json& values);

} // namespace troupe
