#include "web/routes/application_routes.hpp"

#include "web/routes/problem.hpp"
#include "web/routes/task_routes.hpp"

#include "runtime/applications/application_json.hpp"
#include "runtime/applications/applications_actors.hpp"

#include <utility>

namespace troupe {
namespace {

constexpr std::size_t max_create_body = 64u << 10;
constexpr std::size_t max_run_body = 4u << 20;
constexpr std::size_t max_change_body = 1u << 20;
constexpr std::size_t max_mark_body = 4u << 10; ///< not read

/// What is no object is left for the task to refuse.
void merge_params(json& wish, const json& beneath) {
  const auto own = wish.value("params", json(nullptr));
  if (!beneath.empty() && (own.is_null() || own.is_object())) {
    wish["params"] = merged_params(beneath, own.is_null() ? json::object() : own);
  }
}

http_response no_content() { return {204, "", "", {}}; }

} // namespace

void application_routes::add_to(route_table& table) {
  const auto add = [&](const char* method, const char* pattern, std::size_t most, void (application_routes::*run)(route_call),
                       bool takes_rest = false) {
    table.add({method, pattern, route_access::logged_in, most,
               [this, run](route_call call) { (this->*run)(std::move(call)); }, takes_rest});
  };
  add("GET", "/api/v1/applications", 0, &application_routes::list);
  add("POST", "/api/v1/applications", max_create_body, &application_routes::create);
  add("GET", "/api/v1/applications/{id}", 0, &application_routes::show);
  add("PATCH", "/api/v1/applications/{id}", max_change_body, &application_routes::change);
  add("DELETE", "/api/v1/applications/{id}", 0, &application_routes::remove);
  add("GET", "/api/v1/applications/{id}/handlers", 0, &application_routes::show_handlers);
  add("POST", "/api/v1/applications/{id}/handlers/{name}/stop", 0, &application_routes::stop_handler);
  add("PUT", "/api/v1/applications/{id}/executable/{path}", max_mark_body, &application_routes::mark, true);
  add("DELETE", "/api/v1/applications/{id}/executable/{path}", 0, &application_routes::unmark, true);
  add("POST", "/api/v1/applications/{id}/run/{script}", max_run_body, &application_routes::run, true);
}

void application_routes::list(route_call call) {
  desk_.answer(call.sink, 0, [](const application_store& store) {
    const auto all = store.list();
    if (!all) {
      return problem(all.error());
    }
    json out = json::array();
    for (const auto& each : *all) {
      out.push_back(application_to_json(each));
    }
    return json_response(200, json{{"applications", std::move(out)}});
  });
}

void application_routes::create(route_call call) {
  const auto body = object_of(call);
  if (!body) {
    return;
  }
  const auto name = body->find("name");
  if (name == body->end() || !name->is_string() || body->size() != 1) {
    call.sink->respond(problem(400, "the body must be {\"name\": a text}"));
    return;
  }
  desk_.answer(call.sink, 0, [name = name->get<std::string>()](const application_store& store) {
    const auto made = store.create(name);
    if (!made) {
      return problem(made.error());
    }
    auto response = json_response(201, application_to_json(*made));
    response.fields.push_back({"Location", "/api/v1/applications/" + made->id});
    return response;
  });
}

void application_routes::show(route_call call) {
  desk_.answer(call.sink, 0, [id = call.parts[0]](const application_store& store) {
    const auto found = store.get(id);
    if (!found) {
      return problem(found.error());
    }
    const auto files = store.files(id);
    if (!files) {
      return problem(files.error());
    }
    auto out = application_to_json(*found);
    out.update(listing_to_json(*files));
    return json_response(200, out);
  });
}

void application_routes::change(route_call call) {
  auto body = object_of(call);
  if (!body) {
    return;
  }
  desk_.in_background(call.sink, call.request.body.size(),
                      [this, sink = call.sink, id = call.parts[0], changes = std::move(*body)](const application_store& store) {
                        auto changed = store.change_settings(id, changes);
                        return [this, sink, id, changed = std::move(changed)] {
                          if (changed) {
                            tell_actor(id, "application_has_changed");
                          }
                          sink->respond(changed ? json_response(200, application_to_json(*changed)) : problem(changed.error()));
                        };
                      });
}

void application_routes::remove(route_call call) {
  desk_.in_background(call.sink, 0, [this, sink = call.sink, id = call.parts[0]](const application_store& store) {
    auto done = store.remove(id);
    return [this, sink, id, done = std::move(done)] {
      if (done) {
        tell_actor(id, "application_is_gone");
      }
      sink->respond(done ? no_content() : problem(done.error()));
    };
  });
}

void application_routes::tell_actor(const std::string& id, std::string command) {
  request what;
  what.recipient = address{application_actor_name(id)};
  what.command = std::move(command);
  what.timeout = seconds(10);
  world_.actors.ask(std::move(what), [](const message_ptr&) {}); // most applications have no actor
}

void application_routes::ask_actor(const sink_ptr& sink, const std::string& id, std::string command, json body,
                                   std::string wanted) {
  ++world_.counters.asks;
  request what;
  what.recipient = address{applications_entity};
  what.command = std::move(command);
  what.body = std::move(body);
  what.body["id"] = id;
  what.timeout = seconds(10);
  world_.actors.ask(std::move(what), [sink, wanted = std::move(wanted)](message_ptr answer) {
    sink->respond(answer->is(wanted) ? json_response(200, answer->body()) : problem_of_answer(*answer, "asking for the handlers"));
  });
}

void application_routes::show_handlers(route_call call) {
  ask_actor(call.sink, call.parts[0], "get_handlers", json::object(), "handlers");
}

void application_routes::stop_handler(route_call call) {
  ask_actor(call.sink, call.parts[0], "stop_handler", json{{"handler", call.parts[1]}}, "handler_is_stopping");
}

void application_routes::mark(route_call call) {
  desk_.answer(call.sink, 0, [id = call.parts[0], path = call.parts[1]](const application_store& store) {
    const auto script_id = store.mark(id, path);
    return script_id ? json_response(200, json{{"id", *script_id}, {"path", path}}) : problem(script_id.error());
  });
}

void application_routes::unmark(route_call call) {
  desk_.answer(call.sink, 0, [id = call.parts[0], path = call.parts[1]](const application_store& store) {
    const auto done = store.unmark(id, path);
    return done ? no_content() : problem(done.error());
  });
}

void application_routes::run(route_call call) {
  auto body = call.request.body.empty() ? json::object() : object_of(call).value_or(json());
  if (!body.is_object()) {
    return;
  }
  for (const char* field : {"script", "command", "application", "parent", "depth"}) {
    if (body.contains(field)) {
      call.sink->respond(problem(400, std::string{"the body has no `"} + field + "`: the address says what runs"));
      return;
    }
  }
  auto wish = std::make_shared<json>(std::move(body));
  desk_.in_background(call.sink, call.request.body.size(),
                [this, sink = call.sink, wish, id = call.parts[0], script = call.parts[1]](const application_store& store) {
                  const auto found = store.find_script(id, script);
                  return [this, sink, wish, found] {
                    if (!found) {
                      sink->respond(problem(found.error()));
                      return;
                    }
                    if (!sink->is_open()) { // nobody would learn of the task
                      return;
                    }
                    (*wish)["script"] = found->folder + "/" + found->path;
                    (*wish)["application"] = found->folder;
                    merge_params(*wish, found->params);
                    tasks_.launch(sink, std::move(*wish), 202);
                  };
                });
}

} // namespace troupe
