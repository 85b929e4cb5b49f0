#pragma once

#include "web/routes/route_table.hpp"
#include "web/routes/web_world.hpp"

#include <string>
#include <string_view>

namespace troupe {

/// The pages of the console, their icon and the description of the API.
class console_routes final : public route_group {
public:
  explicit console_routes(web_world& world);
  void add_to(route_table& table) override;

private:
  void page(const route_call& call, std::string_view source, const std::string& policy) const;
  web_world& world_;
  const std::string console_policy_;
  const std::string tasks_policy_;
};

} // namespace troupe
