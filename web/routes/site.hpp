#pragma once

#include "web/routes/admission.hpp"
#include "web/routes/origin_policy.hpp"
#include "web/routes/route_table.hpp"
#include "web/routes/web_world.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace troupe {

/// All routes of one gateway and everything that is asked before one of them runs. No sockets. One thread.
class site {
public:
  site(web_world world, const std::string& host, std::uint16_t port);
  ~site();

  /// Where the request goes, or the answer that refuses it. Fills in the request's path, query and caller.
  std::variant<admission, http_response> admit(http_request& request, bool version_11);

  void run(const admission& where, http_request request, sink_ptr sink);

  web_world& world() noexcept { return world_; }
  const route_table& routes() const noexcept { return table_; }

private:
  std::optional<http_response> check_caller(const http_request& request, const admission& where) const;
  std::optional<http_response> check_own_rule(http_request& request, const admission& where) const;
  caller_kind caller_of(const http_request& request) const;
  http_response refuse_stranger(const http_request& request) const;

  web_world world_;
  origin_policy origins_;
  route_table table_;
  std::vector<std::unique_ptr<route_group>> groups_;
};

} // namespace troupe
