#include "actors/admin/process_admin.hpp"

#include "actors/admin/members.hpp"
#include "runtime/packages/class_desc_reader.hpp"

#include <algorithm>
#include <set>

namespace troupe {

namespace {

constexpr seconds default_budget{1};
constexpr seconds removal_patience{5};
constexpr seconds find_time{2};
constexpr seconds settle_time{6}; ///< a name whose process is started again is told when it is there

/// What only the head's admin in the daemon can answer.
const std::set<std::string, std::less<>>& system_commands() {
  static const auto& all = *new std::set<std::string, std::less<>>{
    "create_process", "remove_process", "get_local_nodes", "get_all_nodes", "change_caches", "test_error",
    "service_is_ready", "get_status", "get_services", "resume_process"};
  return all;
}

reply not_created(bool one, const std::string& reason) {
  return reply{one ? "actor_is_not_created" : "actors_are_not_created", json{{"reason", reason}}};
}

reply not_found(const std::string& mid) { return reply{"actor_is_not_found", json{{"mid", mid}}}; }

} // namespace

void process_admin::describe(class_builder<process_admin>& table) {
  table.doc("the admin of one process")
    .on("create_actor", &process_admin::create_actor)
    .on("create_actors", &process_admin::create_actors)
    .on("restore_actors", &process_admin::restore_actors)
    .on("remove_actor", &process_admin::remove_actor)
    .on("recreate_actor", &process_admin::recreate_actor)
    .on("prepare_replica", &process_admin::prepare_replica)
    .on_reentrant("seek_actor", &process_admin::seek_actor)
    .on("find_actor", &process_admin::find_actor)
    .on("get_members", &process_admin::get_members)
    .on("remove_process", &process_admin::remove_process)
    .on("change_cache", &process_admin::change_cache)
    .on("get_source_path", &process_admin::get_source_path)
    .on("get_work_path", &process_admin::get_work_path)
    .on("get_log_desc", &process_admin::get_log_desc)
    .on("get_dead_letters", &process_admin::get_dead_letters)
    .on("get_metrics", &process_admin::get_metrics)
    .on("restart_actor", &process_admin::restart_actor)
    .on("resume_actor", &process_admin::resume_actor)
    .on("get_supervision", &process_admin::get_supervision)
    .on("drain_process", &process_admin::drain_process)
    .on("get_drain", &process_admin::get_drain)
    .on("watch", &process_admin::is_for_supervisor)
    .on("unwatch", &process_admin::is_for_supervisor)
    .on("get_losses", &process_admin::is_for_supervisor)
    .on("set_fault", &process_admin::set_fault)
    .on("announce", &process_admin::announce)
    .on("census", &process_admin::census)
    .on("end_node", &process_admin::end_node);
}

reply process_admin::unknown(const message& what) {
  if (!ports_.is_main || !system_commands().contains(what.command())) {
    return reply::not_handled();
  }
  return pass_to_daemon(what);
}

reply process_admin::pass_to_daemon(const message& what) {
  if (auto passed = ctx().forward(what, address{ports_.daemon_node, "troupe.admin"}); !passed) {
    ctx().promise()(reply::failed(passed.error().text)); // the daemon's failure, not one of this actor
  }
  return reply::later();
}

reply process_admin::create_actor(const message& what) {
  const auto& body = what.body();
  if (!body.is_object() || !body.contains("name") || !body["name"].is_string()) {
    return reply::bad_request("name", "the actor's name");
  }
  return create(what, {body["name"].get<std::string>()}, true);
}

reply process_admin::create_actors(const message& what) {
  const auto& body = what.body();
  if (!body.is_object() || !body.contains("names") || !body["names"].is_array()) {
    return reply::bad_request("names", "an array of names");
  }
  std::vector<std::string> names;
  names.reserve(body["names"].size());
  for (const auto& name : body["names"]) {
    if (!name.is_string()) {
      return reply::bad_request("names", "an array of names");
    }
    names.push_back(name.get<std::string>());
  }
  return create(what, std::move(names), false);
}

reply process_admin::create(const message& what, std::vector<std::string> names, bool one) {
  const auto& body = what.body();
  auto desc = read_class_desc(body.contains("class_desc") ? body["class_desc"] : json(nullptr));
  if (!desc) {
    return reply::bad_request(desc.error().field, desc.error().expected);
  }
  auto supervision = parse_supervision(body.contains("supervision") ? body["supervision"] : json(nullptr));
  if (!supervision) {
    return reply::bad_request(supervision.error().field, supervision.error().expected);
  }
  const auto& persist_field = body.contains("persist") ? body["persist"] : json(nullptr);
  if (!persist_field.is_null() && !persist_field.is_boolean()) {
    return reply::bad_request("persist", "true (it comes back after an orderly end too) or false");
  }
  const bool persist = persist_field == true;
  if (ending_) {
    return not_created(one, "this process is ending");
  }
  auto loaded = ports_.classes.obtain(*desc);
  if (!loaded) {
    const bool may_move = one && loaded.error().code == error_code::conflict && body.value("is_only", json(false)) != true;
    if (!may_move) {
      return not_created(one, loaded.error().text);
    }
    keep(create_elsewhere(ctx().current(), ctx().promise(), loaded.error().text));
    return reply::later();
  }
  if (desc->class_name.empty()) {
    desc->class_name = loaded->info->name;
  }
  const auto budget = what.timeout_s() > 0 ? seconds{what.timeout_s()} : default_budget;
  json made = one ? json{{"system", ctx().system()}, {"node", ctx().node()}, {"entity", names.front()}}
                  : json{{"node", ctx().node()}, {"entities", body["names"]}};
  creation wanted{std::move(names), std::move(*loaded), std::move(*desc), budget};
  wanted.supervision = std::move(*supervision);
  wanted.persist = persist;
  ports_.node.create_actors(std::move(wanted),
                            [answer = ctx().promise(), made = std::move(made), one](result<> how) mutable {
                              if (how) {
                                answer(reply{one ? "actor_is_created" : "actors_are_created", std::move(made)});
                              } else {
                                answer(not_created(one, how.error().text));
                              }
                            });
  return reply::later();
}

/// A version that cannot live here: the other processes of the host in turn, then a new one.
async<> process_admin::create_elsewhere(message_ptr what, responder answer, std::string reason) {
  const seconds budget{std::max(what->timeout_s(), 5.0)};
  json body = what->body();
  body["is_only"] = true;
  auto nodes = co_await ctx().ask(address::admin_of(ctx().head()), "get_local_nodes", nullptr, budget);
  std::vector<std::string> places;
  if (nodes->is("local_nodes") && nodes->body().is_array()) {
    for (const auto& node : nodes->body()) {
      if (node.is_string() && node != ctx().node()) {
        places.push_back(node.get<std::string>());
      }
    }
  }
  bool fresh = false;
  for (std::size_t i = 0; i <= places.size(); ++i) {
    if (i == places.size()) {
      if (std::exchange(fresh, true)) {
        break;
      }
      auto made = co_await ctx().ask(address::admin_of(ctx().head()), "create_process", nullptr, budget);
      if (!made->is("actor_is_created")) {
        break;
      }
      places.push_back(made->body().value("node", ""));
    }
    auto tried = co_await ctx().ask(address::admin_of(places[i]), "create_actor", body, budget);
    if (tried->is("actor_is_created")) {
      auto where = tried->body();
      where["reason"] = (fresh ? "in a new process: " : "in another process: ") + reason;
      answer(reply{"actor_is_created", std::move(where)});
      co_return;
    }
  }
  answer(not_created(true, reason));
}

/// Runs work beside the messages; its end is its own affair.
void process_admin::keep(async<> work) {
  auto kept = std::make_shared<async<>>(std::move(work));
  auto& promise = kept->handle().promise();
  promise.on_done = [](void*) {};
  works_.push_back(kept);
  std::erase_if(works_, [](const auto& one) { return one->done(); });
  kept->handle().resume();
}

reply process_admin::remove_actor(const message& what) {
  const auto& body = what.body();
  if (!body.is_object() || !body.contains("name") || !body["name"].is_string()) {
    return reply::bad_request("name", "the actor's name");
  }
  const auto name = body["name"].get<std::string>();
  ports_.node.remove_actor(name, removal_patience, [answer = ctx().promise(), name, body](removal how) {
    if (how == removal::absent) {
      answer(reply{"actor_is_absent", json{{"name", name}}});
    } else {
      answer(reply{"actor_is_removed", body});
    }
  });
  return reply::later();
}

reply process_admin::find_actor(const message& what) {
  const auto& body = what.body();
  if (!body.is_object() || !body.contains("entity") || !body["entity"].is_string()) {
    return reply::bad_request("entity", "an actor's name");
  }
  auto desc = ports_.node.desc_of(body["entity"].get<std::string>());
  if (!desc) {
    return not_found(what.mid());
  }
  json found{{"mid", what.mid()}, {"node", ctx().node()}, {"entity", body["entity"]}};
  if (body.value("with_class_desc", json(false)) == true) {
    found["class_desc"] = desc->to_json();
  }
  return reply{"actor_is_found", std::move(found)};
}

async<reply> process_admin::seek_actor(const message& what) {
  auto here = find_actor(what);
  if (here.command() != "actor_is_not_found") {
    co_return here;
  }
  const auto mid = what.mid();
  const auto body = what.body();
  json name = json::object();
  name["name"] = body["entity"];
  auto place = co_await ctx().ask(address{ports_.daemon_node, "troupe.directory"}, "find_name", name, settle_time);
  if (!place->is("name_is_found")) {
    auto absent = not_found(mid);
    if (place->is("name_is_not_settled")) {
      absent.body()["reason"] = place->body()["reason"];
    }
    co_return absent;
  }
  json found = json::object();
  found["mid"] = mid;
  found["node"] = place->body()["node"];
  found["entity"] = body["entity"];
  if (body.value("with_class_desc", json(false)) == true) {
    const address owner{place->body()["node"].get<std::string>(), "troupe.admin"};
    auto there = co_await ctx().ask(owner, "find_actor", body, find_time);
    if (!there->is("actor_is_found")) {
      co_return not_found(mid);
    }
    found["class_desc"] = there->body().value("class_desc", json(nullptr));
  }
  co_return reply{"actor_is_found", std::move(found)};
}

reply process_admin::get_members(const message& what) {
  auto question = parse_members_question(what.body());
  if (!question) {
    return std::move(question.error());
  }
  // The upper levels are the head's; it sends the lower two back here.
  if (ports_.is_main && question->level != "actors" && question->level != "actor") {
    return pass_to_daemon(what);
  }
  if (question->level.empty()) {
    question->level = "prime";
  }
  return reply{"members", members_of_node(*question)};
}

json process_admin::members_of_node(const members_question& question) const {
  const auto& self = ctx().node();
  if (question.level == "actor") {
    return members_answer(question, "actor", {{"", "", question.id, {}}}, self, "actors", self);
  }
  if (question.level != "actors") {
    return members_answer(question, question.level, {}, self, question.level == "prime" ? "head" : "prime", ctx().head());
  }
  auto names = ports_.node.actor_names();
  std::ranges::sort(names);
  std::vector<member_row> rows{{"actor", self, self, {}}};
  rows.reserve(names.size() + 1);
  for (auto& name : names) {
    rows.push_back({"actor", self, std::move(name), {}});
  }
  for (const auto& notable : ports_.node.supervision_report(std::nullopt)) {
    auto row = std::ranges::find(rows, notable["name"].get_ref<const std::string&>(), &member_row::id);
    if (row != rows.end() && notable["state"] != "running") {
      row->state = notable["state"];
    }
  }
  return members_answer(question, "actors", rows, self, "process", ctx().head());
}

reply process_admin::remove_process(const message& what) {
  if (ports_.is_main) {
    return unknown(what);
  }
  auto passed = ctx().send(request{address::admin_of(ctx().head()), "remove_process", json{{"node", ctx().node()}}, {},
                                   what.sender(), what.user()});
  return passed ? reply::later() : reply{"process_is_not_removed", json{{"reason", passed.error().text}}};
}

reply process_admin::change_cache(const message&) { return {"cache_is_changed"}; }

reply process_admin::get_source_path() { return {"source_path", json{{"path", ports_.source_path}}}; }

reply process_admin::get_work_path() { return {"work_path", json{{"path", ports_.work_path}}}; }

reply process_admin::get_log_desc() { return {"log_desc", json{{"path", ports_.log_path}}}; }

reply process_admin::get_dead_letters(const message& what) {
  const auto& body = what.body();
  std::size_t most = 100;
  if (body.is_object() && body.contains("most")) {
    if (!body["most"].is_number_unsigned()) {
      return reply::bad_request("most", "how many of the newest, 0 or more");
    }
    most = body["most"].get<std::size_t>();
  }
  return {"dead_letters", ports_.node.dead_letter_report(most)};
}

reply process_admin::get_metrics() { return {"metrics", ports_.node.metrics()}; }

/// From the daemon, on behalf of whoever asked for this process.
reply process_admin::announce(const message&) {
  return {"actor_is_created", json{{"system", ctx().system()}, {"node", ctx().node()}, {"entity", nullptr}}};
}

/// From the daemon: the last command of this process.
reply process_admin::end_node(const message&) {
  if (std::exchange(ending_, true)) {
    return reply{"node_is_ending"};
  }
  ports_.node.stop_actors([answer = ctx().promise(), end = ports_.end_process] {
    answer(reply{"node_has_ended"});
    end();
  });
  return reply::later();
}

std::shared_ptr<const class_info> make_process_admin_class(const process_admin_ports& ports) {
  return std::make_shared<const class_info>(
    describe_class<process_admin>("Admin", [ports] { return std::make_unique<process_admin>(ports); }));
}

} // namespace troupe
