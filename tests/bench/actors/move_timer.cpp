#include "move_timer.hpp"

#include <chrono>

namespace bench_actors {

using troupe::json;
using troupe::message;
using troupe::reply;

void move_timer::describe(troupe::class_builder<move_timer>& builder) {
  builder.on("move_in_turn", &move_timer::move_in_turn,
             "{entity, nodes, count} -> moved {seconds: [of each move], refused, reason}");
}

troupe::async<reply> move_timer::move_in_turn(const message& what) {
  using steady = std::chrono::steady_clock;
  const auto entity = what.body().at("entity").get<std::string>();
  const auto nodes = what.body().at("nodes").get<std::vector<std::string>>();
  const auto count = what.body().at("count").get<std::size_t>();
  json times = json::array();
  std::int64_t refused = 0;
  std::string reason;
  for (std::size_t i = 0; i < count; ++i) {
    json body = json::object();
    body["entity"] = entity;
    body["node"] = nodes[i % nodes.size()];
    const auto begin = steady::now();
    const auto answer = co_await ctx().ask(ctx().node(), "recreate_actor", body, troupe::seconds{15});
    const std::chrono::duration<double> took = steady::now() - begin;
    if (answer->is("actor_is_recreated")) {
      times.push_back(took.count());
    } else {
      ++refused;
      reason = answer->command() + " " + answer->body().dump();
    }
  }
  json out = json::object();
  out["seconds"] = times;
  out["refused"] = refused;
  out["reason"] = reason;
  co_return reply("moved", out);
}

} // namespace bench_actors
