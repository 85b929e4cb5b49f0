#pragma once

#include "web/routes/route_table.hpp"
#include "web/routes/web_world.hpp"

#include <functional>
#include <string>

namespace troupe {

/// `/api/v1/tasks…`: starts, looks at, feeds and ends tasks (actors of class `Task`, named `task_<id>`).
class task_routes final : public route_group {
public:
  explicit task_routes(web_world& world) : world_(world) {}
  void add_to(route_table& table) override;

  /// Creates and starts a task by a body of `POST /api/v1/tasks`; `status` is that of success.
  void launch(sink_ptr sink, json body, unsigned status);

private:
  void create(route_call call);
  void start(sink_ptr sink, std::string node, std::string id, json body, unsigned status);
  void state(route_call call);
  void remove(route_call call);
  void remove_actor(const std::string& node, const std::string& id, std::function<void(message_ptr)> done);
  void feed(route_call call);
  void close_input(sink_ptr sink, const std::string& id, std::size_t bytes);
  void send_json(route_call call);
  void tree(route_call call);
  void cancel(route_call call);
  void signal(route_call call);

  // past_tasks.cpp: tasks that have no actor any more, and lists of all.
  void list(route_call call);
  void rerun(route_call call);
  /// Asks the history of runs; an answer other than `wanted` becomes a problem.
  void ask_history(const sink_ptr& sink, std::string command, json body, std::string wanted,
                   std::function<void(message_ptr)> done);
  /// The answer to a route about a task without an actor.
  std::function<void()> from_history(const sink_ptr& sink, const std::string& id, std::string command, std::string wanted,
                                     unsigned status = 200);

  void ask(address to, std::string command, json body, double timeout_s, std::function<void(message_ptr)> done);
  /// Asks the task of the call; an answer other than `wanted` becomes a problem, if there is no such actor `if_gone` is called.
  void ask_task(const sink_ptr& sink, const std::string& id, std::string command, json body, std::string wanted,
                std::function<void(message_ptr)> done, std::function<void()> if_gone = {});

  web_world& world_;
};

} // namespace troupe
