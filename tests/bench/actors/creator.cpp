#include "creator.hpp"

#include <chrono>

namespace bench_actors {

using troupe::json;
using troupe::message;
using troupe::reply;

namespace {

using steady = std::chrono::steady_clock;
constexpr troupe::seconds patience{60};

double seconds_since(steady::time_point begin) {
  return std::chrono::duration<double>(steady::now() - begin).count();
}

} // namespace

void creator::describe(troupe::class_builder<creator>& builder) {
  builder.on("create_actors", &creator::create_actors, "{node, count, batch} -> created {count, seconds}")
    .on("create_processes", &creator::create_processes, "{count} -> created {seconds: [...]}; each is removed again");
}

troupe::async<reply> creator::create_actors(const message& what) {
  const auto admin = troupe::address::admin_of(what.body().at("node").get<std::string>());
  const auto count = what.body().at("count").get<std::uint64_t>();
  const auto batch = what.body().at("batch").get<std::uint64_t>();
  double seconds = 0;
  for (std::uint64_t made = 0; made < count; made += batch) {
    json names = json::array();
    for (std::uint64_t i = 0; i < batch; ++i) {
      names.push_back("idle_" + std::to_string(next_name_++));
    }
    json body = json::object();
    body["class_desc"] = json{{"requires_dist", "bench_actors"}, {"class", "Idle"}};
    body["names"] = std::move(names);
    const auto begin = steady::now();
    const auto answer = co_await ctx().ask(admin, "create_actors", std::move(body), patience);
    seconds += seconds_since(begin);
    if (!answer->is("actors_are_created")) {
      co_return reply::failed("create_actors: " + answer->command() + " " + answer->body().dump());
    }
  }
  co_return reply("created", json{{"count", count}, {"seconds", seconds}});
}

troupe::async<reply> creator::create_processes(const message& what) {
  const auto head = troupe::address::admin_of(ctx().head());
  const auto count = what.body().at("count").get<std::uint64_t>();
  json all = json::array();
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto begin = steady::now();
    const auto made = co_await ctx().ask(head, "create_process", nullptr, patience);
    all.push_back(seconds_since(begin));
    if (!made->is("actor_is_created")) {
      co_return reply::failed("create_process: " + made->command() + " " + made->body().dump());
    }
    json body = json::object();
    body["node"] = made->body().at("node");
    const auto gone = co_await ctx().ask(head, "remove_process", std::move(body), patience);
    if (!gone->is("process_is_removed")) {
      co_return reply::failed("remove_process: " + gone->command() + " " + gone->body().dump());
    }
  }
  json body = json::object();
  body["seconds"] = std::move(all);
  co_return reply("created", std::move(body));
}

} // namespace bench_actors
