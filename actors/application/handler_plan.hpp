#pragma once

#include <runtime/applications/application_store.hpp>

namespace troupe {

/// What a request to a web handler needs: the handler as it is declared now, and its script, which may be run.
struct handler_plan {
  std::string name;
  web_handler what;
  std::string script; ///< full path
  std::string folder; ///< of the application
  json params;        ///< all of them together

  /// The body of a task's `start`.
  json start(const std::string& task) const;
  /// Whether a run of `other` is one of this.
  bool is_same_run(const handler_plan& other) const {
    return script == other.script && folder == other.folder && params == other.params && what.how == other.what.how;
  }
  json to_json() const;
  static handler_plan from_json(const json& value);
};

/// `not_found`: there is no such application or handler; else why its script cannot be run.
result<handler_plan> plan_handler(const application_store& store, const std::string& id, const std::string& name);

} // namespace troupe
