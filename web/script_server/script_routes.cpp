#include "web/script_server/script_routes.hpp"

#include "runtime/scripts/script_name.hpp"
#include "runtime/text_json/text_json.hpp"
#include "web/routes/problem.hpp"
#include "web/script_server/run_answer.hpp"

#include <memory>
#include <utility>

namespace troupe {
namespace {

/// What a request to store a script says.
struct code_wish {
  std::string name; ///< only of a new one
  std::string code;
  script_options options;
  bool has_options = false;
};

result<code_wish> read_code_wish(const std::string& text, bool is_new) {
  const auto body = parse_text_json(text);
  if (!body || !body->is_object()) {
    return fail(error_code::bad_request, std::string("the body must be a JSON object with ") +
                                           (is_new ? "`name` and `code`" : "`code`") +
                                           (body ? "" : ": " + body.error().text));
  }
  code_wish out;
  for (const auto& [field, value] : body->items()) {
    if (field != "code" && (field != "name" || !is_new) && !is_script_option(field)) {
      return fail(error_code::bad_request, "there is no field `" + field + "` here");
    }
    out.has_options = out.has_options || is_script_option(field);
  }
  const auto code = body->find("code");
  if (code == body->end() || !code->is_string()) {
    return fail(error_code::bad_request, "`code` must be the text of the script");
  }
  out.code = code->get<std::string>();
  if (is_new) {
    const auto name = body->find("name");
    if (name == body->end() || !name->is_string()) {
      return fail(error_code::bad_request, "`name` must be the name of the script, as hello.py");
    }
    out.name = name->get<std::string>();
    if (const auto good = check_script_name(out.name); !good) {
      return std::unexpected(good.error());
    }
  }
  auto options = script_options::from_json(*body);
  if (!options) {
    return std::unexpected(options.error());
  }
  out.options = std::move(*options);
  return out;
}

} // namespace

void script_routes::add_to(route_table& table) {
  const auto add = [&](const char* method, const char* pattern, std::size_t most, void (script_routes::*run)(route_call)) {
    table.add({method, pattern, route_access::everybody, most,
               [this, run](route_call call) { (this->*run)(std::move(call)); }});
  };
  add("GET", "/scripts", 0, &script_routes::list);
  add("POST", "/scripts", world_.rules.max_body_bytes, &script_routes::create);
  add("GET", "/scripts/{name}", 0, &script_routes::show);
  add("PUT", "/scripts/{name}", world_.rules.max_body_bytes, &script_routes::replace);
  add("DELETE", "/scripts/{name}", 0, &script_routes::remove);
}

void script_routes::in_background(const sink_ptr& sink, std::size_t bytes, std::function<http_response()> work) {
  const bool taken = world_.web.background->run(bytes, [sink, work = std::move(work)] {
    return std::function<void()>([sink, response = work()] { sink->respond(response); });
  });
  if (!taken) {
    sink->respond(script_problem(503, "too many requests wait for the disk; ask again later"));
  }
}

void script_routes::list(route_call call) {
  auto response = json_response(200, json(world_.shelf.list(std::chrono::steady_clock::now())));
  call.sink->respond(std::move(response));
}

void script_routes::create(route_call call) {
  auto wish = read_code_wish(call.request.body, true);
  if (!wish) {
    call.sink->respond(script_refusal(wish.error()));
    return;
  }
  auto shared = std::make_shared<const code_wish>(std::move(*wish));
  in_background(call.sink, shared->code.size(), [store = &world_.store, shared] {
    const auto made = store->create(shared->name, shared->code, shared->options);
    if (!made) {
      return script_refusal(made.error());
    }
    auto response = json_response(201, json{{"name", shared->name}});
    response.fields.push_back({"Location", "/scripts/" + shared->name});
    return response;
  });
}

void script_routes::show(route_call call) {
  in_background(call.sink, 0, [store = &world_.store, name = call.parts[0]] {
    const auto code = store->code(name);
    if (!code) {
      return script_refusal(code.error());
    }
    auto out = store->options(name).to_json();
    out["name"] = name;
    out["code"] = *code;
    return json_response(200, out);
  });
}

void script_routes::replace(route_call call) {
  const auto good = check_script_name(call.parts[0]);
  auto wish = good ? read_code_wish(call.request.body, false) : result<code_wish>{std::unexpected(good.error())};
  if (!wish) {
    call.sink->respond(script_refusal(wish.error()));
    return;
  }
  auto shared = std::make_shared<const code_wish>(std::move(*wish));
  in_background(call.sink, shared->code.size(), [store = &world_.store, name = call.parts[0], shared] {
    const auto written =
      store->replace(name, shared->code, shared->has_options ? std::optional{shared->options} : std::nullopt);
    return written ? json_response(200, json{{"name", name}}) : script_refusal(written.error());
  });
}

void script_routes::remove(route_call call) {
  in_background(call.sink, 0, [store = &world_.store, name = call.parts[0]] {
    const auto removed = store->remove(name);
    return removed ? http_response{204, "", "", {}} : script_refusal(removed.error());
  });
}

} // namespace troupe
