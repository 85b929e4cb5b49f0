#pragma once

#include "web/routes/route_table.hpp"
#include "web/routes/store_desk.hpp"

#include <string>

namespace troupe {

class task_routes;

/// `/api/v1/applications…`: makes, changes and removes applications, marks their scripts, runs them. What waits for the disk
/// does so in the background of the web server.
class application_routes final : public route_group {
public:
  /// `tasks` outlives this object.
  application_routes(web_world& world, task_routes& tasks) : world_(world), desk_(world), tasks_(tasks) {}
  void add_to(route_table& table) override;

private:
  void list(route_call call);
  void create(route_call call);
  void show(route_call call);
  void change(route_call call);
  void remove(route_call call);
  void mark(route_call call);
  void unmark(route_call call);
  void run(route_call call);
  void show_handlers(route_call call);
  void stop_handler(route_call call);

  /// Tells the actor of the application's handlers, if there is one.
  void tell_actor(const std::string& id, std::string command);
  void ask_actor(const sink_ptr& sink, const std::string& id, std::string command, json body, std::string wanted);

  web_world& world_;
  store_desk desk_;
  task_routes& tasks_;
};

} // namespace troupe
