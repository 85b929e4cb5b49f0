#pragma once

#include <string>

namespace troupe {

/// The actor that administers the applications of a system.
inline constexpr const char* applications_entity = "applications";

/// The actor that runs the web handlers of one application.
inline std::string application_actor_name(const std::string& id) { return "application_" + id; }

/// The id in such a name; empty: it is none.
inline std::string application_id_of_actor(const std::string& name) {
  const std::string prefix = application_actor_name({});
  return name.starts_with(prefix) ? name.substr(prefix.size()) : std::string{};
}

} // namespace troupe
