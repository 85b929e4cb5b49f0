#include "web/routes/application_routes.hpp"

#include "web/routes/problem.hpp"
#include "web/routes/task_routes.hpp"

#include "runtime/applications/application_store.hpp"
#include "runtime/text_json/text_json.hpp"

#include <utility>

namespace troupe {
namespace {

constexpr std::size_t max_create_body = 64u << 10;
constexpr std::size_t max_run_body = 4u << 20;
constexpr std::size_t max_mark_body = 4u << 10; ///< not read

json facts_of(const application_store::info& what) {
  json out{{"id", what.id}, {"name", what.name}, {"path", what.folder}, {"executable", json::object()}};
  for (const auto& [path, id] : what.marks) {
    out["executable"][path] = id;
  }
  if (!what.problem.empty()) {
    out["problem"] = what.problem;
  }
  return out;
}

std::optional<json> object_of(const route_call& call) {
  auto parsed = parse_text_json(call.request.body);
  if (!parsed || !parsed->is_object()) {
    call.sink->respond(problem(400, parsed ? "the body must be a JSON object" : parsed.error().text));
    return std::nullopt;
  }
  return std::move(*parsed);
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
  add("GET", "/api/v1/applications/{id}/files/{path}", 0, &application_routes::read, true);
  add("PUT", "/api/v1/applications/{id}/files/{path}", application_store::most_file_bytes, &application_routes::write, true);
  add("PUT", "/api/v1/applications/{id}/executable/{path}", max_mark_body, &application_routes::mark, true);
  add("DELETE", "/api/v1/applications/{id}/executable/{path}", 0, &application_routes::unmark, true);
  add("POST", "/api/v1/applications/{id}/run/{script}", max_run_body, &application_routes::run, true);
}

void application_routes::in_background(const sink_ptr& sink, std::size_t bytes,
                                       std::function<std::function<void()>(const application_store&)> work) {
  if (world_.applications == nullptr || world_.background == nullptr) {
    sink->respond(problem(501, "this gateway keeps no applications"));
    return;
  }
  if (!world_.background->run(bytes, [work = std::move(work), store = world_.applications] { return work(*store); })) {
    sink->respond(problem(503, "too many requests wait for the disk; ask again later"));
  }
}

void application_routes::answer(const sink_ptr& sink, std::size_t bytes, store_work work) {
  in_background(sink, bytes, [sink, work = std::move(work)](const application_store& store) {
    return [sink, response = work(store)] { sink->respond(response); };
  });
}

void application_routes::list(route_call call) {
  answer(call.sink, 0, [](const application_store& store) {
    const auto all = store.list();
    if (!all) {
      return problem(all.error());
    }
    json out = json::array();
    for (const auto& each : *all) {
      out.push_back(facts_of(each));
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
  answer(call.sink, 0, [name = name->get<std::string>()](const application_store& store) {
    const auto made = store.create(name);
    if (!made) {
      return problem(made.error());
    }
    auto response = json_response(201, facts_of(*made));
    response.fields.push_back({"Location", "/api/v1/applications/" + made->id});
    return response;
  });
}

void application_routes::show(route_call call) {
  answer(call.sink, 0, [id = call.parts[0]](const application_store& store) {
    const auto found = store.get(id);
    if (!found) {
      return problem(found.error());
    }
    const auto files = store.files(id);
    if (!files) {
      return problem(files.error());
    }
    auto out = facts_of(*found);
    out["files"] = json::array();
    for (const auto& each : files->files) {
      out["files"].push_back({{"path", is_utf8(each.path) ? json(each.path) : json(nullptr)}, {"size", each.size}});
    }
    out["truncated"] = files->truncated;
    return json_response(200, out);
  });
}

void application_routes::read(route_call call) {
  answer(call.sink, 0, [id = call.parts[0], path = call.parts[1]](const application_store& store) {
    auto content = store.read_file(id, path);
    return content ? http_response{200, "application/octet-stream", std::move(*content), {}} : problem(content.error());
  });
}

void application_routes::write(route_call call) {
  const auto bytes = call.request.body.size();
  // shared, since the work is copied
  auto content = std::make_shared<const std::string>(std::move(call.request.body));
  answer(call.sink, bytes,
         [id = call.parts[0], path = call.parts[1], where = call.request.path, content](const application_store& store) {
           const auto is_new = store.write_file(id, path, *content);
           return !is_new ? problem(is_new.error())
                  : *is_new ? http_response{201, "", "", {{"Location", where}}}
                            : no_content();
         });
}

void application_routes::mark(route_call call) {
  answer(call.sink, 0, [id = call.parts[0], path = call.parts[1]](const application_store& store) {
    const auto script_id = store.mark(id, path);
    return script_id ? json_response(200, json{{"id", *script_id}, {"path", path}}) : problem(script_id.error());
  });
}

void application_routes::unmark(route_call call) {
  answer(call.sink, 0, [id = call.parts[0], path = call.parts[1]](const application_store& store) {
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
  in_background(call.sink, call.request.body.size(),
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
                    tasks_.launch(sink, std::move(*wish), 202);
                  };
                });
}

} // namespace troupe
