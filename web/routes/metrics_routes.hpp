#pragma once

#include "web/routes/route_table.hpp"
#include "web/routes/web_world.hpp"

#include <string>

namespace troupe {

/// `GET /metrics`: the gateway's counters, and what the node offers, in the text format of Prometheus.
class metrics_routes final : public route_group {
public:
  explicit metrics_routes(web_world& world) : world_(world) {}
  void add_to(route_table& table) override;

private:
  web_world& world_;
};

std::string counters_text(const web_counters& counters);

/// Numbers of an object (nested objects too) as `troupe_<key>…` lines; all else is left out.
std::string node_metrics_text(const json& metrics, const std::string& node);

} // namespace troupe
