#pragma once

#include "web/routes/route_table.hpp"
#include "web/routes/web_world.hpp"

#include <string>

namespace troupe {

/// `/login`, `/logout` and `POST /api/v1/login_codes`: from the one-time address to a browser's session.
class login_routes final : public route_group {
public:
  explicit login_routes(web_world& world);
  void add_to(route_table& table) override;

private:
  void form(const route_call& call) const;
  void log_in(const route_call& call);
  void log_out(const route_call& call);
  void new_code(const route_call& call);
  http_response page(const http_request& request, unsigned status, const std::string& state,
                     const std::string& code) const;

  web_world& world_;
  const std::string policy_;
};

} // namespace troupe
