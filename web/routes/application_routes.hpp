#pragma once

#include "web/routes/route_table.hpp"
#include "web/routes/web_world.hpp"

#include <functional>

namespace troupe {

class application_store;
class task_routes;

/// `/api/v1/applications…`: makes and fills applications, marks their scripts, runs them. Files are read and written in
/// the background of the web server.
class application_routes final : public route_group {
public:
  /// `tasks` outlives this object.
  application_routes(web_world& world, task_routes& tasks) : world_(world), tasks_(tasks) {}
  void add_to(route_table& table) override;

private:
  using store_work = std::function<http_response(const application_store&)>;

  void list(route_call call);
  void create(route_call call);
  void show(route_call call);
  void read(route_call call);
  void write(route_call call);
  void mark(route_call call);
  void unmark(route_call call);
  void run(route_call call);

  /// Answers with what `work` returns, which runs on another thread. `bytes` of the request stay in memory until then.
  void answer(const sink_ptr& sink, std::size_t bytes, store_work work);
  /// `work` on another thread; what it returns is called on this one.
  void in_background(const sink_ptr& sink, std::size_t bytes,
                     std::function<std::function<void()>(const application_store&)> work);

  web_world& world_;
  task_routes& tasks_;
};

} // namespace troupe
