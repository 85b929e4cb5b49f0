#include "traveller.hpp"

#include "body.hpp"

#include <thread>

namespace move_actors {

using troupe::json;
using troupe::message;
using troupe::reply;

void traveller::describe(troupe::class_builder<traveller>& builder) {
  builder.doc("Shows where it is and what it has kept.")
    .param("note", &traveller::note_, "Any text")
    .param("exit_time", &traveller::exit_time_, "Seconds that its exit hook takes")
    .on("where", &traveller::where, "-> here {node, package, version, births, moves, heard, begun, done, ticks, …}")
    .on("learn", &traveller::learn, "any body: kept as state that is no parameter -> learnt")
    .on("hear", &traveller::hear, "{stream, seq} -> heard {node}")
    .on("say", &traveller::say, "{to, count}: so many `hear` -> said | refused")
    .on("work", &traveller::work, "{seconds}: waits without a thread -> worked {node}")
    .on("block", &traveller::block, "{seconds}: holds its thread -> worked {node}")
    .on("start_ticks", &traveller::start_ticks, "{period, count?} -> started")
    .on("tick", &traveller::tick)
    .on("start_timer", &traveller::start_timer, "{seconds, mid} -> started")
    .on("timer", &traveller::timer)
    .on("go", &traveller::go, "{node}: sends its own recreate_actor, to be told -> going")
    .on("ask_go", &traveller::ask_go, "{node}: asks for it and waits -> told {command, body}")
    .on("accepted", &traveller::note_accepted)
    .on("actor_is_recreated", &traveller::note_recreated)
    .on("actor_is_not_recreated", &traveller::note_not_recreated);
}

troupe::async<> traveller::exit() {
  if (exit_time_ > 0) {
    co_await ctx().sleep(troupe::seconds{exit_time_});
  }
}

json traveller::save() const {
  json out = witness::save();
  out.update({{"learnt", learnt_},
              {"heard", heard_},
              {"begun", begun_},
              {"done", done_},
              {"ticks", ticks_},
              {"timers", timers_},
              {"told", told_}});
  return out;
}

void traveller::restore(const json& state) {
  witness::restore(state);
  learnt_ = state.at("learnt");
  heard_ = state.at("heard");
  begun_ = state.at("begun");
  done_ = state.at("done");
  ticks_ = state.at("ticks");
  timers_ = state.at("timers");
  told_ = state.at("told");
}

reply traveller::where() {
  json out = identity(ctx(), births(), moves());
  out.update({{"learnt", learnt_},
              {"note", note_},
              {"heard", heard_},
              {"begun", begun_},
              {"done", done_},
              {"ticks", ticks_},
              {"timers", timers_},
              {"told", told_}});
  return {"here", std::move(out)};
}

reply traveller::learn(const message& what) {
  learnt_ = what.body();
  return "learnt";
}

reply traveller::hear(const message& what) {
  note_received(what);
  ++heard_;
  return {"heard", json{{"node", ctx().node()}}};
}

reply traveller::say(const message& what) {
  return send_noted(field<std::string>(what, "to", ""), "hear", json::object(), field<std::uint32_t>(what, "count", 1))
           ? "said"
           : "refused";
}

troupe::async<reply> traveller::work(const message& what) {
  ++begun_;
  history_.active();
  co_await ctx().sleep(troupe::seconds{field(what, "seconds", 0.5)});
  history_.active();
  ++done_;
  co_return reply("worked", json{{"node", ctx().node()}});
}

reply traveller::block(const message& what) {
  ++begun_;
  history_.active();
  // sleep: to hold a thread is what this command is for
  std::this_thread::sleep_for(std::chrono::duration<double>(field(what, "seconds", 0.5)));
  history_.active();
  ++done_;
  return {"worked", json{{"node", ctx().node()}}};
}

reply traveller::start_ticks(const message& what) {
  troupe::ticker_options options{.period = troupe::seconds{field(what, "period", 0.1)},
                                 .delay = troupe::seconds{field(what, "period", 0.1)},
                                 .name = "traveller"};
  if (const auto count = field<std::uint64_t>(what, "count", 0); count > 0) {
    options.count = count;
  }
  ctx().add_ticker(options);
  return "started";
}

void traveller::tick() {
  history_.active();
  ++ticks_;
}

reply traveller::start_timer(const message& what) {
  ctx().start_timer(troupe::seconds{field(what, "seconds", 1.0)}, any_field(what, "mid"));
  return "started";
}

reply traveller::timer(const message& what) {
  history_.active();
  timers_.push_back(any_field(what, "mid"));
  return reply::done();
}

json traveller::own_move(const message& what) const {
  return {{"entity", ctx().name()}, {"node", any_field(what, "node")}};
}

reply traveller::go(const message& what) {
  (void)ctx().send({.recipient = ctx().node(),
                    .command = "recreate_actor",
                    .body = own_move(what),
                    .timeout = troupe::seconds{8},
                    .sender = ctx().self()});
  return "going";
}

troupe::async<reply> traveller::ask_go(const message& what) {
  json body = own_move(what);
  const auto answer = co_await ctx().ask(ctx().node(), "recreate_actor", std::move(body), troupe::seconds{8});
  co_return reply("told", json{{"command", answer->command()}, {"body", answer->body()}});
}

void traveller::note_accepted() {
  told_ += "accepted ";
}

void traveller::note_recreated() {
  told_ += "recreated ";
}

void traveller::note_not_recreated(const message& what) {
  told_ += "not_recreated(" + field<std::string>(what, "reason", "") + ") ";
}

} // namespace move_actors
