#pragma once

#include "web/routes/route_table.hpp"
#include "web/routes/web_world.hpp"

namespace troupe {

/// `GET /api/v1/log`: the last lines of the daemon's log, and with `follow=true` what comes after them.
class log_routes final : public route_group {
public:
  explicit log_routes(web_world& world) : world_(world) {}
  void add_to(route_table& table) override;

private:
  void get(route_call call);
  web_world& world_;
};

} // namespace troupe
