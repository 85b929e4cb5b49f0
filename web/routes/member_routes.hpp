#pragma once

#include "web/routes/route_table.hpp"
#include "web/routes/web_world.hpp"

namespace troupe {

/// `GET /api/v1/members`: one page of the five levels.
class member_routes final : public route_group {
public:
  explicit member_routes(web_world& world) : world_(world) {}
  void add_to(route_table& table) override;

private:
  void get(route_call call);
  web_world& world_;
};

} // namespace troupe
