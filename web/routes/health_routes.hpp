#pragma once

#include "web/routes/route_table.hpp"
#include "web/routes/web_world.hpp"

namespace troupe {

/// `/healthz`, `/readyz` and `GET /api/v1/status`: is it alive, does the system answer, what is it.
class health_routes final : public route_group {
public:
  explicit health_routes(web_world& world) : world_(world) {}
  void add_to(route_table& table) override;

private:
  void ready(route_call call);
  void status(route_call call);
  web_world& world_;
};

} // namespace troupe
