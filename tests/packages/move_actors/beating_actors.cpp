#include "beating_actors.hpp"

#include "body.hpp"

namespace move_actors {

using troupe::json;
using troupe::message;
using troupe::reply;

namespace {
constexpr auto beat_ticker = "beat";
}

void generator::describe(troupe::class_builder<generator>& builder) {
  builder.doc("Counts down with a beat to its consumer for each step.")
    .param("gen_period", &generator::period_, "Seconds between two beats")
    .param("gen_limit", &generator::limit_, "How many are left")
    .param("does_gen_ask", &generator::does_ask_, "Whether it waits for the answer to each beat")
    .param("ask_timeout", &generator::ask_timeout_, "Seconds it waits")
    .param("consumer", &generator::consumer_, "Whom it beats")
    .param("answered", &generator::answered_)
    .param("failed", &generator::failed_)
    .param("problem", &generator::problem_)
    .on("start", &generator::start, "-> started")
    .on("stop", &generator::stop, "-> stopped")
    .on("tick", &generator::tick)
    .on("progress", &generator::progress, "-> progress {left, answered, failed, problem, …where it is}");
}

reply generator::start() {
  if (limit_ > 0) {
    ctx().add_ticker({.period = troupe::seconds{period_}, .delay = troupe::seconds{period_}, .name = beat_ticker});
  }
  return "started";
}

reply generator::stop() {
  ctx().remove_ticker(beat_ticker);
  return "stopped";
}

troupe::async<> generator::tick() {
  history_.active();
  if (limit_ <= 0) {
    ctx().remove_ticker(beat_ticker);
    co_return;
  }
  --limit_;
  json body{{"gen", ctx().name()}, {"limit", limit_}};
  if (!does_ask_) {
    failed_ += send_noted(consumer_, "beat", std::move(body)) ? 0 : 1;
  } else {
    body = noted_body(consumer_, std::move(body));
    const auto answer = co_await ctx().ask(consumer_, "beat", body, troupe::seconds{ask_timeout_});
    history_.active();
    if (note_answer(consumer_, body, *answer) && answer->is("beaten")) {
      ++answered_;
    } else {
      ++failed_;
      problem_ = answer->command() + " " + answer->body().dump();
    }
  }
  if (limit_ <= 0) {
    ctx().remove_ticker(beat_ticker);
  }
}

reply generator::progress() {
  json out = identity(ctx(), births(), moves());
  out.update({{"left", limit_}, {"answered", answered_}, {"failed", failed_}, {"problem", problem_}});
  return {"progress", std::move(out)};
}

void consumer::describe(troupe::class_builder<consumer>& builder) {
  builder.doc("Checks that the counts of its generators go down by one.")
    .param("limits", &consumer::limits_, "{generator: the last count}")
    .param("beats", &consumer::beats_)
    .param("wrong", &consumer::wrong_)
    .param("problem", &consumer::problem_)
    .on("beat", &consumer::beat, "{gen, limit} -> beaten")
    .on("sum_up", &consumer::sum_up, "-> sum {limits, beats, wrong, problem, …where it is}");
}

reply consumer::beat(const message& what) {
  note_received(what);
  const auto name = field<std::string>(what, "gen", "");
  const auto limit = field<std::int64_t>(what, "limit", -1);
  const auto before = limits_.value(name, std::int64_t{-1});
  if (before - limit != 1) {
    ++wrong_;
    problem_ = name + ": " + std::to_string(limit) + " after " + std::to_string(before);
  }
  limits_[name] = limit;
  ++beats_;
  return "beaten";
}

reply consumer::sum_up() {
  json out = identity(ctx(), births(), moves());
  out.update({{"limits", limits_}, {"beats", beats_}, {"wrong", wrong_}, {"problem", problem_}});
  return {"sum", std::move(out)};
}

void chatter::describe(troupe::class_builder<chatter>& builder) {
  builder.doc("Sends to its peers and receives from everybody.")
    .param("peers", &chatter::peers_, "[name…]")
    .param("period", &chatter::period_, "Seconds between two bursts")
    .param("burst", &chatter::burst_, "Messages of a burst, all to one peer")
    .param("ask_every", &chatter::ask_every_, "Each n-th burst is one ask; 0: none")
    .param("ask_timeout", &chatter::ask_timeout_, "Seconds it waits")
    .param("ticks", &chatter::ticks_)
    .param("said", &chatter::said_)
    .param("heard", &chatter::heard_)
    .param("refused", &chatter::refused_)
    .param("failed", &chatter::failed_)
    .on("start", &chatter::start, "-> started")
    .on("stop", &chatter::stop, "-> stopped")
    // Chatters ask each other: one that took no word meanwhile would wait in a circle.
    .on_reentrant("tick", &chatter::tick)
    .on("word", &chatter::word, "-> heard")
    .on("progress", &chatter::progress, "-> progress {ticks, said, heard, refused, failed, …where it is}");
}

reply chatter::start() {
  ctx().add_ticker({.period = troupe::seconds{period_}, .name = beat_ticker});
  ctx().checkpoint();
  return "started";
}

reply chatter::stop() {
  ctx().remove_ticker(beat_ticker);
  ctx().checkpoint();
  return "stopped";
}

troupe::async<> chatter::tick() {
  history_.active();
  if (peers_.empty() || asks_) {
    co_return;
  }
  const auto to = peers_.at(static_cast<std::size_t>(ticks_++) % peers_.size()).get<std::string>();
  if (ask_every_ > 0 && ticks_ % ask_every_ == 0 && to != ctx().name()) { // nobody can wait for itself
    const auto body = noted_body(to, json::object());
    ++said_;
    asks_ = true; // one at a time: a sender that dies leaves at most its last question without an end
    const auto answer = co_await ctx().ask(to, "word", body, troupe::seconds{ask_timeout_});
    asks_ = false;
    history_.active();
    failed_ += note_answer(to, body, *answer) ? 0 : 1;
    co_return;
  }
  said_ += burst_;
  refused_ += send_noted(to, "word", json::object(), burst_) ? 0 : 1;
}

reply chatter::word(const message& what) {
  note_received(what);
  ++heard_;
  return "heard";
}

reply chatter::progress() {
  json out = identity(ctx(), births(), moves());
  out.update({{"ticks", ticks_}, {"said", said_}, {"heard", heard_}, {"refused", refused_}, {"failed", failed_}});
  return {"progress", std::move(out)};
}

} // namespace move_actors
