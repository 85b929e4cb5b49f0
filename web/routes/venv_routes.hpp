#pragma once

#include "web/routes/route_table.hpp"
#include "web/routes/web_world.hpp"

#include <functional>
#include <string>

namespace troupe {

/// `/api/v1/venvs…`: looks at, makes, fills and removes Python environments, by the actor `venv_builder`.
class venv_routes final : public route_group {
public:
  explicit venv_routes(web_world& world) : world_(world) {}
  void add_to(route_table& table) override;

private:
  void list(route_call call);
  void create(route_call call);
  void show(route_call call);
  void remove(route_call call);
  void packages(route_call call);
  void install(route_call call);

  /// An answer other than `wanted` becomes a problem.
  void ask(const sink_ptr& sink, std::string command, json body, double timeout_s, std::string wanted,
           std::function<void(message_ptr)> done);

  web_world& world_;
};

} // namespace troupe
