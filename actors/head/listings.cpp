// The head's listings of the system.
#include "actors/admin/members.hpp"
#include "actors/head/head_admin.hpp"

#include <algorithm>

#include <unistd.h>

namespace troupe {

namespace {
constexpr seconds lookup_time{2};
}

std::vector<std::string> head_admin::node_names() const {
  auto names = nodes_.names();
  std::erase(names, ports_.plan.main_node());
  return names;
}

reply head_admin::get_all_nodes() {
  auto names = node_names();
  names.insert(names.begin(), ports_.plan.main_node());
  return {"all_nodes", names};
}

reply head_admin::get_local_nodes() {
  auto names = node_names();
  names.push_back(ports_.plan.main_node());
  return {"local_nodes", names};
}

reply head_admin::get_members(const message& what) {
  auto question = parse_members_question(what.body());
  if (!question) {
    return std::move(question.error());
  }
  const auto head = ports_.plan.main_node();
  if (question->level == "actors" || question->level == "actor") {
    return is_for_main(what);
  }
  if (question->level == "prime") {
    return {"members", members_answer(*question, "prime", {{"process", head, head}}, head, "head", head)};
  }
  if (question->level == "process") {
    auto names = node_names();
    names.push_back(head);
    std::ranges::sort(names);
    std::vector<member_row> rows;
    for (auto& name : names) {
      rows.push_back({"actors", name, name});
    }
    return {"members", members_answer(*question, "process", rows, head, "prime", head)};
  }
  return {"members", members_answer(*question, "head", {{"prime", head, head}}, head, "", "")};
}

/// Also `find_actor`: the head's own actors are those of the main node, and the directory knows them all.
async<reply> head_admin::seek_actor(const message& what) {
  const auto& body = what.body();
  const auto mid = what.mid();
  if (!body.is_object() || !body.contains("entity") || !body["entity"].is_string()) {
    co_return reply::bad_request("entity", "an actor's name");
  }
  const auto name = body["entity"].get<std::string>();
  json absent = json::object();
  absent["mid"] = mid;
  auto place = ports_.books.actors.names().find(name);
  if (!place || (what.is("find_actor") && place->node != ports_.plan.main_node())) {
    co_return reply("actor_is_not_found", absent);
  }
  json found = absent;
  found["node"] = place->node;
  found["entity"] = name;
  if (body.value("with_class_desc", json(false)) == true) {
    const address owner{place->node, "troupe.admin"};
    json question = body;
    auto there = co_await ctx().ask(owner, "find_actor", question, lookup_time);
    if (!there->is("actor_is_found")) {
      co_return reply("actor_is_not_found", absent);
    }
    found["class_desc"] = there->body().value("class_desc", json(nullptr));
  }
  co_return reply("actor_is_found", found);
}

reply head_admin::get_status() {
  const std::chrono::duration<double> uptime = std::chrono::steady_clock::now() - started_;
  const auto& names = ports_.books.actors.names();
  json nodes = json::array();
  for (auto& record : nodes_.all()) {
    json one{{"node", record.node},
             {"pid", record.is_running() ? json(record.pid) : json(nullptr)},
             {"incarnation", record.incarnation},
             {"adopted", record.adopted},
             {"state", to_text(record.state)},
             {"restart", record.wish.permanent ? "permanent" : "temporary"},
             {"restarts", record.restarts},
             {"actors", names.size_of(record.node)}};
    if (!record.deaths.empty()) {
      one["deaths"] = record.deaths;
    }
    nodes.push_back(std::move(one));
  }
  return {"status", json{{"system", ctx().system()},
                         {"head", ports_.plan.main_node()},
                         {"pid", ::getpid()},
                         {"uptime_s", uptime.count()},
                         {"nodes", std::move(nodes)},
                         {"names", names.size()},
                         {"services", services_},
                         {"metrics", ports_.node.metrics()},
                         {"test_errors", test_errors_}}};
}

reply head_admin::get_services() {
  json addresses = json::object();
  for (const auto& [name, service] : services_) {
    addresses[name] = service.value("address", json(nullptr));
  }
  return {"services", std::move(addresses)};
}

/// Of one actor, from its admin; or of all processes.
async<reply> head_admin::get_supervision(const message& what) {
  const auto body = what.body();
  const auto mid = what.mid();
  std::vector<std::string> asked;
  if (body.is_object() && body.contains("entity")) {
    if (!body["entity"].is_string()) {
      co_return reply::bad_request("entity", "an actor's name");
    }
    const auto where = ports_.books.actors.names().find(body["entity"].get_ref<const std::string&>());
    if (!where) {
      json absent = json::object();
      absent["mid"] = mid;
      co_return reply("actor_is_not_found", absent);
    }
    asked = {where->node};
  } else {
    asked = node_names();
    asked.insert(asked.begin(), ports_.plan.main_node());
  }
  std::vector<request> questions;
  for (const auto& node : asked) {
    questions.push_back(request{address{node, "troupe.admin"}, "get_supervision", body, {}, {}, {}});
  }
  auto answers = co_await ctx().group_ask(std::move(questions), lookup_time);
  json all = json::array();
  for (const auto& answer : answers) {
    if (answer.message->is("supervision")) {
      for (const auto& row : answer.message->body()["actors"]) {
        all.push_back(row);
      }
    }
  }
  json out = json::object();
  out["actors"] = all;
  co_return reply("supervision", out);
}

/// Caches need no telling here: a stale place is corrected where it is met. The command is answered for those who send it.
reply head_admin::change_caches() { return {"caches_are_changed"}; }

} // namespace troupe
