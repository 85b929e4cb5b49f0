// The admin's part of moving actors: requests find their owner, and classes are loaded where an actor goes.
#include "actors/admin/process_admin.hpp"
#include "runtime/packages/class_desc_reader.hpp"

#include <algorithm>

namespace troupe {

namespace {

constexpr seconds lookup_time{2};
constexpr int most_hops = 8; ///< a request follows an actor that moves on meanwhile so often

reply not_recreated(const message& what, const std::string& reason, const std::string& node) {
  return {"actor_is_not_recreated",
          json{{"mid", what.mid()}, {"reason", reason}, {"node", node.empty() ? json(nullptr) : json(node)}}};
}

/// The actor itself has sent it: it hears `accepted`, and moves after its present message.
bool is_own(const message& what, const std::string& name) { return what.sender().entity == name; }

/// The mid that the asker knows: of its own request, not of one that was passed on.
std::string mid_of(const json& body, const message& what) { return body.value("mid", what.mid()); }

} // namespace

/// `{entity, node?, class_desc?}`: a new object for an actor, here or in another process.
reply process_admin::recreate_actor(const message& what) {
  const auto& body = what.body();
  if (!body.is_object() || !body.contains("entity") || !body["entity"].is_string()) {
    return reply::bad_request("entity", "the actor's name");
  }
  if (body.contains("node") && !body["node"].is_null() && !body["node"].is_string()) {
    return reply::bad_request("node", "the node to move to, or nothing");
  }
  const auto name = body["entity"].get<std::string>();
  if (std::ranges::any_of(what.trace(), [&](const trace_hop& hop) { return hop.actor == name; })) {
    return not_recreated(what, name + " waits for this answer, so it could never be stopped between two messages; an actor "
                                      "sends its own recreate_actor",
                         ctx().node());
  }
  const auto now = ports_.node.desc_of(name);
  if (!now) {
    keep(pass_to_owner(ctx().current(), is_own(what, name) ? responder{} : ctx().promise()));
    return reply::later();
  }
  move_here_or_there(what, name, *now);
  return is_own(what, name) ? reply{"accepted", json{{"mid", what.mid()}}} : reply::later();
}

/// For an actor that was told `accepted`: it hears only what did not come to pass.
responder process_admin::tell_later(const std::string& name) {
  return responder{std::make_shared<std::function<void(reply)>>([post = ctx().make_poster(), this, name](const reply& how) {
    if (how.command() != "actor_is_recreated") {
      post([this, name, how] { (void)ctx().send(address{name}, how.command(), how.body()); });
    }
  })};
}

void process_admin::move_here_or_there(const message& what, const std::string& name, const class_desc& now) {
  const auto& body = what.body();
  auto answer = is_own(what, name) ? tell_later(name) : ctx().promise();
  move_order order;
  order.name = name;
  order.target = body.contains("node") && body["node"].is_string() ? body["node"].get<std::string>() : ctx().node();
  order.desc = now;
  if (body.contains("class_desc") && !body["class_desc"].is_null()) {
    auto wanted = read_class_desc(body["class_desc"]);
    if (!wanted) {
      answer(reply::bad_request(wanted.error().field, wanted.error().expected));
      return;
    }
    order.desc = std::move(*wanted);
  }
  if (order.target == ctx().node()) {
    auto loaded = ports_.classes.obtain(order.desc);
    if (!loaded) {
      answer(not_recreated(what, loaded.error().text, ctx().node()));
      return;
    }
    if (order.desc.class_name.empty()) {
      order.desc.class_name = loaded->info->name;
    }
    order.of = std::move(*loaded);
  }
  ports_.node.move_actor(std::move(order), [this, answer, question = ctx().current(), post = ctx().make_poster(), mid = what.mid(),
                                            name](const move_end& end) {
    if (end.how == move_end::kind::gone) {
      post([this, question, answer] { keep(pass_to_owner(question, answer)); });
      return;
    }
    json out{{"mid", mid}, {"entity", name}, {"node", end.node.empty() ? json(nullptr) : json(end.node)}};
    if (!end.reason.empty()) {
      out["reason"] = end.reason;
    }
    answer(reply{end.how == move_end::kind::moved       ? "actor_is_recreated"
                 : end.how == move_end::kind::not_moved ? "actor_is_not_recreated"
                                                        : "undecided",
                 std::move(out)});
  });
}

/// The actor is somewhere else: its admin gets the request as it is, and answers the asker.
async<> process_admin::pass_to_owner(message_ptr what, responder answer) {
  const auto name = what->body()["entity"].get<std::string>();
  json question = json::object();
  question["name"] = name;
  const address names{ports_.daemon_node, "troupe.directory"};
  auto place = co_await ctx().ask(names, "find_name", question, lookup_time);
  const auto mid = mid_of(what->body(), *what);
  if (!place->is("name_is_found")) {
    json out = json::object();
    out["mid"] = mid;
    out["reason"] = place->is("name_is_absent") ? "there is no actor " + name : "the directory did not answer in time";
    out["node"] = nullptr;
    answer(reply("actor_is_not_recreated", out));
    co_return;
  }
  const auto owner = place->body().value("node", "");
  if (!answer) {
    (void)ctx().forward(*what, address{owner, "troupe.admin"});
    co_return;
  }
  json body = what->body();
  const int hops = body.value("hops", 0);
  if (hops >= most_hops) {
    json out = json::object();
    out["mid"] = mid;
    out["reason"] = name + " moved on each time this request reached it";
    out["node"] = owner;
    answer(reply("actor_is_not_recreated", out));
    co_return;
  }
  body["hops"] = hops + 1;
  body["mid"] = mid;
  if (!body.contains("node") || body["node"].is_null()) {
    body["node"] = owner;
  }
  const double budget = what->timeout_s() > 0 ? what->timeout_s() : 12.0;
  const address admin{owner, "troupe.admin"};
  auto got = co_await ctx().ask(admin, "recreate_actor", body, seconds(budget));
  json out = got->body();
  const bool lost = got->is("actor_has_failed") || got->is("timer");
  if (out.is_object() && !lost) {
    out["mid"] = mid;
  }
  if (lost) {
    json unknown = json::object();
    unknown["mid"] = mid;
    unknown["reason"] = got->is("timer") ? "the owner has not answered in time" : out.value("reason", "its process died");
    unknown["node"] = nullptr;
    answer(reply("undecided", unknown));
    co_return;
  }
  answer(reply(got->command(), out));
}

/// `{point, action, count?}`, for tests (`test.faults`).
reply process_admin::set_fault(const message& what) {
  if (!ports_.arm_fault) {
    return reply::not_handled();
  }
  const auto& body = what.body();
  if (!body.is_object() || !body.contains("point") || !body["point"].is_string() || !body.contains("action") ||
      !body["action"].is_string()) {
    return reply::bad_request("point", "{point, action, count?}");
  }
  if (ports_.is_main && body["point"].get_ref<const std::string&>().starts_with("move.head.")) {
    return pass_to_daemon(what);
  }
  const auto armed = ports_.arm_fault(body["point"].get<std::string>(), body["action"].get<std::string>(),
                                      body.value("count", 1u));
  return armed ? reply{"fault_is_set"} : reply::bad_request("action", armed.error().text);
}

/// From the mover of another node: makes room for an actor that is to come.
reply process_admin::prepare_replica(const message& what) {
  const auto& body = what.body();
  replica_order order;
  try {
    order.name = body.at("name").get<std::string>();
    order.from = body.at("from").get<std::string>();
    order.move = body.at("move").get<std::uint64_t>();
    order.since = body.at("epoch");
  } catch (const json::exception&) {
    return reply::bad_request("name", "{name, from, move, epoch, class_desc}");
  }
  auto desc = read_class_desc(body.contains("class_desc") ? body["class_desc"] : json(nullptr));
  if (!desc) {
    return reply::bad_request(desc.error().field, desc.error().expected);
  }
  if (ending_) {
    return {"replica_is_not_prepared", json{{"reason", ctx().node() + " is ending"}}};
  }
  auto loaded = ports_.classes.obtain(*desc);
  if (!loaded) {
    return {"replica_is_not_prepared", json{{"reason", loaded.error().text}}};
  }
  if (desc->class_name.empty()) {
    desc->class_name = loaded->info->name;
  }
  order.of = std::move(*loaded);
  order.desc = std::move(*desc);
  order.supervision = parse_supervision(body.value("supervision", json(nullptr))).value_or(supervision_spec{});
  ports_.node.prepare_replica(std::move(order), [answer = ctx().promise()](const result<>& how) {
    answer(how ? reply{"replica_is_prepared"} : reply{"replica_is_not_prepared", json{{"reason", how.error().text}}});
  });
  return reply::later();
}

} // namespace troupe
