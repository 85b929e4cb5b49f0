#pragma once

#include "web/routes/route_table.hpp"
#include "web/routes/web_world.hpp"

#include <string>

namespace troupe {

/// The console page, its icon and the description of the API.
class console_routes final : public route_group {
public:
  explicit console_routes(web_world& world);
  void add_to(route_table& table) override;

private:
  void page(const route_call& call) const;
  web_world& world_;
  const std::string policy_;
};

} // namespace troupe
