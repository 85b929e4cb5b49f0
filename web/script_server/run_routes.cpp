#include "web/script_server/run_routes.hpp"

#include "runtime/scripts/script_name.hpp"
#include "runtime/task_id/task_id.hpp"
#include "runtime/text_json/text_json.hpp"
#include "web/routes/output_stream.hpp"
#include "web/routes/problem.hpp"
#include "web/script_server/task_reader.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace troupe {
namespace {

bool says(const http_request& request, std::string_view field, std::string_view word) {
  return std::ranges::any_of(request.fields, [&](const http_field& each) {
    return each.name == field && each.value.find(word) != std::string::npos;
  });
}

/// Answers of one request for several scripts, until all are there.
struct collection {
  std::vector<std::string> names; ///< in the order of the answer
  std::map<std::string, std::shared_ptr<const std::string>> answers;
  sink_ptr sink;

  void take(const std::string& name, const run_answer& one) {
    answers[name] = one.text;
    if (answers.size() == names.size()) {
      respond();
    }
  }
  void respond() const {
    std::string body = "{\"results\":{";
    for (const auto& name : names) {
      body += (name == names.front() ? "" : ",") + json(name).dump() + ":" + *answers.at(name);
    }
    sink->respond({200, "application/json", body + "}}", {}});
  }
};

/// `a.py,b.py`, each once.
std::vector<std::string> split_names(std::string_view text) {
  std::vector<std::string> out;
  for (;;) {
    const auto comma = text.find(',');
    std::string one(text.substr(0, comma));
    if (std::ranges::find(out, one) == out.end()) {
      out.push_back(std::move(one));
    }
    if (comma == std::string_view::npos) {
      return out;
    }
    text.remove_prefix(comma + 1);
  }
}

} // namespace

void run_routes::add_to(route_table& table) {
  const auto add = [&](const char* method, const char* pattern, std::size_t most, void (run_routes::*run)(route_call)) {
    table.add({method, pattern, route_access::everybody, most,
               [this, run](route_call call) { (this->*run)(std::move(call)); }});
  };
  add("POST", "/run/{name}", world_.rules.max_body_bytes, &run_routes::run_one);
  add("POST", "/run", world_.rules.max_body_bytes, &run_routes::run_many);
  add("GET", "/tasks/{id}", 0, &run_routes::task);
}

std::shared_ptr<const script_run_request> run_routes::read(const route_call& call) const {
  auto what = script_run_request::read(call.request.body);
  if (!what) {
    call.sink->respond(script_refusal(what.error()));
    return nullptr;
  }
  auto kept = runs_.keep(std::move(*what));
  if (kept == nullptr) {
    call.sink->respond(too_many());
  }
  return kept;
}

http_response run_routes::too_many() const {
  auto out = script_problem(429, "too many runs wait already; ask again later");
  out.fields.push_back({"Retry-After", std::to_string(runs_.retry_after_s())});
  return out;
}

void run_routes::run_one(route_call call) {
  if (const auto good = check_script_name(call.parts[0]); !good) {
    call.sink->respond(script_refusal(good.error()));
    return;
  }
  auto what = read(call);
  if (what == nullptr) {
    return;
  }
  if (says(call.request, "accept", "text/event-stream")) {
    answer_with_events(call, std::move(what));
  } else if (says(call.request, "prefer", "respond-async")) {
    answer_at_start(call, std::move(what));
  } else {
    answer_with_result(call, std::move(what));
  }
}

void run_routes::answer_with_result(const route_call& call, std::shared_ptr<const script_run_request> what) {
  script_wish wish;
  wish.name = call.parts[0];
  wish.what = std::move(what);
  wish.is_kept = !says(call.request, "cache-control", "no-store");
  wish.fresh = !wish.is_kept || says(call.request, "cache-control", "no-cache");
  wish.is_wanted = [sink = call.sink] { return sink->is_open(); };
  wish.answered = [sink = call.sink](const run_answer& how) { sink->respond(to_response(how)); };
  std::vector<script_wish> one;
  one.push_back(std::move(wish));
  if (!runs_.ask(std::move(one))) {
    call.sink->respond(too_many());
  }
}

void run_routes::answer_with_events(const route_call& call, std::shared_ptr<const script_run_request> what) {
  own_run_wish wish{call.parts[0], std::move(what), [sink = call.sink] { return sink->is_open(); }, {}, {}};
  wish.started = [this, sink = call.sink](const json& facts) {
    output_request output;
    output.task = facts["id"].get<std::string>();
    output.follow = true;
    output.events = true;
    output_stream::start(world_.web, std::move(output), sink);
  };
  wish.not_started = [sink = call.sink](const run_outcome& how) { sink->respond(script_problem(how.status, how.problem)); };
  if (!runs_.run_alone(std::move(wish))) {
    call.sink->respond(too_many());
  }
}

void run_routes::answer_at_start(const route_call& call, std::shared_ptr<const script_run_request> what) {
  own_run_wish wish{call.parts[0], std::move(what), [sink = call.sink] { return sink->is_open(); }, {}, {}};
  wish.started = [sink = call.sink](const json& facts) {
    auto response = json_response(202, facts);
    response.fields.push_back({"Location", "/tasks/" + facts["id"].get<std::string>()});
    response.fields.push_back({"Preference-Applied", "respond-async"});
    sink->respond(std::move(response));
  };
  wish.not_started = [sink = call.sink](const run_outcome& how) { sink->respond(script_problem(how.status, how.problem)); };
  if (!runs_.run_alone(std::move(wish))) {
    call.sink->respond(too_many());
  }
}

void run_routes::run_many(route_call call) {
  const auto* names = call.request.query_value("names");
  auto all = std::make_shared<collection>();
  all->sink = call.sink;
  all->names = names != nullptr ? split_names(*names) : world_.shelf.list(std::chrono::steady_clock::now());
  for (const auto& name : all->names) {
    if (const auto good = check_script_name(name); !good) {
      call.sink->respond(script_problem(400, "`names` has `" + name + "`: " + good.error().text));
      return;
    }
  }
  if (says(call.request, "accept", "text/event-stream") || says(call.request, "prefer", "respond-async")) {
    call.sink->respond(script_problem(400, "output as it comes, and an answer before the end, are for one script: /run/{name}"));
    return;
  }
  const auto what = read(call);
  if (what == nullptr) {
    return;
  }
  if (all->names.empty()) {
    all->respond();
    return;
  }
  std::vector<script_wish> wishes;
  for (const auto& name : all->names) {
    script_wish wish;
    wish.name = name;
    wish.what = what;
    wish.is_kept = !says(call.request, "cache-control", "no-store");
    wish.fresh = !wish.is_kept || says(call.request, "cache-control", "no-cache");
    wish.is_wanted = [sink = call.sink] { return sink->is_open(); };
    wish.answered = [all, name](const run_answer& how) { all->take(name, how); };
    wishes.push_back(std::move(wish));
  }
  if (!runs_.ask(std::move(wishes))) {
    call.sink->respond(too_many());
  }
}

void run_routes::task(route_call call) {
  const auto& id = call.parts[0];
  if (!is_task_id(id)) {
    call.sink->respond(script_problem(404, "there is no task with such an id"));
    return;
  }
  const auto ask = [this](address to, const char* command, json body, std::function<void(message_ptr)> done) {
    request what;
    what.recipient = std::move(to);
    what.command = command;
    what.body = std::move(body);
    what.timeout = seconds(10);
    ++world_.web.counters.asks;
    world_.web.actors.ask(std::move(what), std::move(done));
  };
  ask(task_name(id), "get_state", nullptr, [this, ask, id, sink = call.sink](message_ptr live) {
    if (live->is("task_state")) {
      show_task(sink, id, live->body());
      return;
    }
    ask(world_.web.history, "get_run", json{{"id", id}}, [this, id, sink](message_ptr kept) {
      if (kept->is("run")) {
        show_task(sink, id, kept->body());
      } else {
        sink->respond(kept->is("run_is_unknown") ? script_problem(404, "there is no such task")
                                                 : problem_of_answer(*kept, "looking at the task"));
      }
    });
  });
}

void run_routes::show_task(const sink_ptr& sink, const std::string& id, const json& state) {
  if (!is_over(state)) {
    sink->respond(json_response(200, state));
    return;
  }
  task_reader::read(world_, id, state, [sink, state](const run_outcome& how) {
    auto out = state;
    out["result"] = json::parse(to_json_text(how), nullptr, false);
    sink->respond(json_response(200, out));
  });
}

} // namespace troupe
