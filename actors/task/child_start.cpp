#include <actors/task/child_start.hpp>

#include <runtime/task_id/task_id.hpp>

#include <memory>
#include <utility>

namespace troupe {
namespace {

constexpr seconds creation_time{15};
constexpr seconds start_time{120}; // an environment may have to be made first

std::string reason_of(const message& answer) {
  const auto& body = answer.body();
  return body.is_object() && body.contains("reason") && body["reason"].is_string() ? body["reason"].get<std::string>()
                                                                                    : answer.command();
}

/// What one child needs until it runs; kept alive by the asks.
struct child_run : std::enable_shared_from_this<child_run> {
  child_run(door& way, child_wish wish, std::function<void(result<>)> tell)
    : actors(way), what(std::move(wish)), done(std::move(tell)) {}

  void ask(address to, std::string command, json body, seconds time, void (child_run::*next)(const message&)) {
    request question{std::move(to), std::move(command), std::move(body), time, {}, {}};
    actors.ask(std::move(question),
               [self = shared_from_this(), next](message_ptr answer) { ((*self).*next)(*answer); });
  }

  void create() {
    const json body{{"class_desc", {{"requires_dist", "troupe"}, {"class", "Task"}}},
                    {"name", task_name(what.pid)}};
    ask(address{actors.node()}, "create_actor", body, creation_time, &child_run::created);
  }

  void created(const message& answer) {
    if (answer.is("actor_is_created")) {
      start();
    } else {
      // An earlier try may have made it.
      refusal = reason_of(answer);
      ask(task_name(what.pid), "get_state", nullptr, creation_time, &child_run::found);
    }
  }

  void found(const message& answer) {
    if (answer.is("task_state")) {
      start();
    } else {
      done(fail(error_code::unavailable, "the child cannot be made: " + refusal));
    }
  }

  void start() { ask(task_name(what.pid), "start", what.start, start_time, &child_run::started); }

  void started(const message& answer) {
    if (answer.is("task_started")) {
      done({});
      return;
    }
    refusal = reason_of(answer);
    ask(task_name(what.pid), "get_state", nullptr, creation_time, &child_run::looked_at);
  }

  void looked_at(const message& answer) {
    const auto& body = answer.body();
    if (answer.is("task_state") && body.is_object() && body.value("os_pid", json(nullptr)).is_number()) {
      done({}); // started by an earlier try
      return;
    }
    // A task that never ran leaves nothing worth keeping.
    ask(address{actors.node()}, "remove_actor", json{{"name", task_name(what.pid)}}, creation_time, &child_run::removed);
  }

  void removed(const message&) { done(fail(error_code::conflict, refusal)); }

  door& actors;
  child_wish what;
  std::function<void(result<>)> done;
  std::string refusal;
};

} // namespace

void start_child(door& actors, child_wish what, std::function<void(result<>)> done) {
  std::make_shared<child_run>(actors, std::move(what), std::move(done))->create();
}

} // namespace troupe
