#pragma once

#include "web/routes/route_table.hpp"
#include "web/routes/web_world.hpp"

namespace troupe {

/// `GET /api/v1/tasks/{id}/output`: what a task printed, as it comes: one JSON record a line, or server-sent events.
class task_output_routes final : public route_group {
public:
  explicit task_output_routes(web_world& world) : world_(world) {}
  void add_to(route_table& table) override;

private:
  void get(route_call call);
  web_world& world_;
};

} // namespace troupe
