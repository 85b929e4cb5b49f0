#pragma once

#include "web/routes/route_table.hpp"
#include "web/script_server/script_world.hpp"

#include <functional>

namespace troupe {

/// `/scripts` and `/scripts/{name}`: what is stored. Writes take place in the background.
class script_routes final : public route_group {
public:
  explicit script_routes(script_world& world) : world_(world) {}
  void add_to(route_table& table) override;

private:
  void list(route_call call);
  void create(route_call call);
  void show(route_call call);
  void replace(route_call call);
  void remove(route_call call);
  /// Answers with what `work` returns, which runs on another thread.
  void in_background(const sink_ptr& sink, std::size_t bytes, std::function<http_response()> work);

  script_world& world_;
};

} // namespace troupe
