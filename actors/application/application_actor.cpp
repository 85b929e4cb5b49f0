#include <actors/application/application_actor.hpp>
#include <runtime/text_json/text_field.hpp>

#include <runtime/applications/application_names.hpp>
#include <runtime/applications/applications_actors.hpp>

#include <algorithm>
#include <utility>

namespace troupe {
namespace {

constexpr std::size_t most_open = 1'000;
constexpr std::size_t most_open_bytes = 256u << 20;
constexpr std::size_t request_id_length = 20; ///< nobody guesses it

unsigned status_of(error_code code) { return code == error_code::not_found ? 404 : 502; }

reply failure(unsigned status, const std::string& reason) {
  return {"handler_has_failed", json{{"status", status}, {"reason", reason}}};
}

} // namespace

void application_actor::describe(class_builder<application_actor>& table) {
  table.doc("The web handlers of one application.")
    .on("handle_request", &application_actor::handle_request,
        "{handler, request: {method, path, query, headers, body}}: `web_reply` {status, headers, body} or `handler_has_failed` "
        "{status, reason}.")
    .on("open_socket", &application_actor::open_socket,
        "{handler, request}: `socket_is_open` {pid}: the task to join over the bridge; or `handler_has_failed`.")
    .on("web_answer", &application_actor::web_answer,
        "{request, status?, headers?, body?} of a script: `web_answer_is_taken`, `request_is_unknown` or `bad_request`.")
    .on("get_handlers", &application_actor::get_handlers, "`handlers` {handlers, open_requests, answered, log}.")
    .on("stop_handler", &application_actor::stop_handler, "{handler}: ends its run: `handler_is_stopping` {runs}.")
    .on("application_has_changed", &application_actor::has_changed, "The runtime's own.")
    .on("application_is_gone", &application_actor::is_gone, "The runtime's own: ends its runs and the actor.");
}

async<> application_actor::moved() {
  post_ = ctx().make_poster();
  for (auto& [handler, run] : runs_) {
    run.is_running = true;
    await_end(run.task, 0, [this, handler = handler, task = run.task](const json& state) {
      long_run_ended(handler, task, state.is_null() ? "lost" : state.value("state", "over"));
    });
  }
  return {};
}

json application_actor::save() const {
  json out = json::array();
  for (const auto& [handler, run] : runs_) {
    if (run.is_running) {
      out.push_back({{"task", run.task}, {"plan", run.plan.to_json()}});
    }
  }
  return json{{"runs", std::move(out)}, {"answered", answered_}};
}

void application_actor::restore(const json& state) {
  if (!state.is_object()) {
    return;
  }
  answered_ = state.at("answered").get<std::uint64_t>();
  for (const auto& each : state.at("runs")) {
    auto plan = handler_plan::from_json(each.at("plan"));
    const auto handler = plan.name;
    runs_[handler] = {each.at("task").get<std::string>(), std::move(plan), true, {}};
  }
}

reply application_actor::take(const message& what, bool wants_socket) {
  const auto handler = text_field(what.body(), "handler");
  if (handler.empty()) {
    return reply::bad_request("handler", "the name of a web handler");
  }
  const auto asked = what.body().value("request", json(nullptr));
  auto question = web_question::from_json(asked);
  if (!question) {
    return reply::bad_request("request", question.error().text);
  }
  const auto bytes = question->body.size();
  if (open_.size() >= most_open || open_bytes_ + bytes > most_open_bytes) {
    return failure(503, "too many requests wait for the scripts of this application");
  }
  const auto id = new_short_id(request_id_length);
  open_request one;
  one.question = question->to_json();
  one.question["id"] = id;
  one.question["handler"] = handler;
  one.question["reply_to"] = ctx().name();
  one.bytes = bytes;
  one.wants_socket = wants_socket;
  one.answer = ctx().promise();
  one.plan.name = handler;
  const bool taken = ports_.desk->post([this, id, handler, application = application_id_of_actor(ctx().name()),
                                        post = post_](const application_store& store) {
    post([this, id, plan = plan_handler(store, application, handler)] { on_plan(id, plan); });
  });
  if (!taken) {
    one.answer(failure(503, "too much waits for the disk"));
    return reply::later();
  }
  open_bytes_ += bytes;
  open_[id] = std::move(one);
  return reply::later();
}

void application_actor::on_plan(const std::string& request, const result<handler_plan>& plan) {
  const auto found = open_.find(request);
  if (!plan || found == open_.end()) {
    fail_request(request, plan ? 502 : status_of(plan.error().code), plan ? std::string{} : plan.error().text);
    return;
  }
  auto& one = found->second;
  one.plan = *plan;
  const seconds time{plan->what.timeout_s};
  one.until = clock::now() + std::chrono::duration_cast<clock::duration>(time);
  ctx().after(time, [this, request] { expire(request); });
  if (plan->what.how == web_handler::mode::per_request) {
    begin_own_run(request);
  } else {
    use_long_run(request);
  }
}

void application_actor::expire(const std::string& request) {
  const auto found = open_.find(request);
  if (found == open_.end()) {
    return;
  }
  const auto task = found->second.task;
  const bool own = found->second.plan.what.how == web_handler::mode::per_request;
  fail_request(request, 504, "no answer came within " + json(found->second.plan.what.timeout_s).dump() + " s");
  if (own && !task.empty()) {
    (void)ctx().send(address{"task_" + task}, "cancel", json{{"tree", true}});
  }
}

void application_actor::answer(const std::string& request, reply what) {
  const auto found = open_.find(request);
  if (found == open_.end()) {
    return;
  }
  const auto tell = std::move(found->second.answer);
  open_bytes_ -= found->second.bytes;
  open_.erase(found);
  ++answered_;
  tell(std::move(what));
}

void application_actor::fail_request(const std::string& request, unsigned status, const std::string& reason) {
  const auto found = open_.find(request);
  if (found == open_.end()) {
    return;
  }
  const auto& one = found->second;
  if (status != 404) {
    log_.add(one.plan.name, one.task, status, reason);
    ctx().log(log_level::warning, "the web handler " + one.plan.name + " failed with " + std::to_string(status) + ": " + reason);
  }
  answer(request, failure(status, reason));
}

void application_actor::fail_requests_of(const std::string& task, unsigned status, const std::string& reason) {
  std::vector<std::string> all;
  for (const auto& [request, one] : open_) {
    if (one.task == task) {
      all.push_back(request);
    }
  }
  for (const auto& request : all) {
    fail_request(request, status, reason);
  }
}

reply application_actor::web_answer(const message& what) {
  const auto request = text_field(what.body(), "request");
  if (!open_.contains(request)) {
    return {"request_is_unknown", json{{"request", request}}}; // answered, or given up
  }
  auto said = web_reply::from_json(what.body());
  if (!said) {
    fail_request(request, 502, "the script gave a bad answer: " + said.error().text);
    return reply::bad_request("web_answer", said.error().text);
  }
  answer(request, reply{"web_reply", said->to_json()});
  return {"web_answer_is_taken"};
}

reply application_actor::get_handlers() {
  const bool taken = ports_.desk->post([this, id = application_id_of_actor(ctx().name()), post = post_,
                                        tell = ctx().promise()](const application_store& store) {
    auto found = store.get(id);
    if (!found) {
      tell(application_refusal(found.error()));
      return;
    }
    post([this, tell, found = std::move(*found)] { show(found, tell); });
  });
  return taken ? reply::later() : reply{"mailbox_full", json{{"reason", "too much waits for the disk"}}};
}

void application_actor::show(const application_store::info& what, const responder& tell) const {
  const auto settings = what.settings.to_json();
  json handlers = settings.at("handlers");
  for (const auto& [name, each] : handlers.items()) {
    const auto run = runs_.find(name);
    each["task"] = run == runs_.end() ? json(nullptr) : json(run->second.task);
    each["state"] = run == runs_.end() ? "not_running" : run->second.is_running ? "running" : "starting";
  }
  tell(reply{"handlers", json{{"handlers", std::move(handlers)},
                              {"open_requests", open_.size()},
                              {"answered", answered_},
                              {"log", log_.to_json()}}});
}

void application_actor::stop_runs(const std::function<bool(const long_run&)>& which) {
  for (const auto& [handler, run] : runs_) {
    if (which(run)) {
      (void)ctx().send(address{"task_" + run.task}, "cancel", json{{"tree", true}});
    }
  }
  std::erase_if(runs_, [&](const auto& each) { return which(each.second); });
  ctx().checkpoint();
}

reply application_actor::stop_handler(const message& what) {
  const auto handler = text_field(what.body(), "handler");
  if (handler.empty()) {
    return reply::bad_request("handler", "the name of a web handler");
  }
  const auto before = runs_.size();
  stop_runs([&](const long_run& run) { return run.plan.name == handler; });
  return {"handler_is_stopping", json{{"handler", handler}, {"runs", before - runs_.size()}}};
}

/// A run whose handler is gone or is declared otherwise has nothing to do any more.
reply application_actor::has_changed() {
  (void)ports_.desk->post([this, id = application_id_of_actor(ctx().name()), post = post_](const application_store& store) {
    const auto found = store.get(id);
    std::map<std::string, handler_plan> plans;
    if (found) {
      for (const auto& [name, each] : found->settings.handlers) {
        if (auto plan = plan_handler(store, id, name)) {
          plans[name] = std::move(*plan);
        }
      }
    }
    post([this, plans = std::move(plans)] {
      stop_runs([&](const long_run& run) {
        const auto plan = plans.find(run.plan.name);
        return plan == plans.end() || !plan->second.is_same_run(run.plan);
      });
    });
  });
  return reply::done();
}

reply application_actor::is_gone() {
  stop_runs([](const long_run&) { return true; });
  std::vector<std::string> all;
  for (const auto& [request, one] : open_) {
    all.push_back(request);
  }
  for (const auto& request : all) {
    fail_request(request, 404, "the application was deleted");
  }
  ctx().stop();
  return reply::done();
}

class_info make_application_class(application_ports ports) {
  return describe_class<application_actor>("Application", [ports] { return std::make_unique<application_actor>(ports); });
}

} // namespace troupe
