#pragma once

#include "runtime/scripts/run_request.hpp"
#include "web/routes/route_table.hpp"
#include "web/script_server/script_runs.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// `/run`, `/run/{name}` and `/tasks/{id}`: running scripts, and looking at runs that nobody waited for.
class run_routes final : public route_group {
public:
  /// `runs` outlives this object.
  run_routes(script_world& world, script_runs& runs) : world_(world), runs_(runs) {}
  void add_to(route_table& table) override;

private:
  void run_one(route_call call);
  void run_many(route_call call);
  void task(route_call call);

  void answer_with_result(const route_call& call, std::shared_ptr<const script_run_request> what);
  void answer_with_events(const route_call& call, std::shared_ptr<const script_run_request> what);
  void answer_at_start(const route_call& call, std::shared_ptr<const script_run_request> what);
  std::shared_ptr<const script_run_request> read(const route_call& call) const;
  void show_task(const sink_ptr& sink, const std::string& id, const json& state);
  http_response too_many() const;

  script_world& world_;
  script_runs& runs_;
};

} // namespace troupe
