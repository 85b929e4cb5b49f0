// How the actor of an application speaks with the tasks that run its scripts.
#include <actors/application/application_actor.hpp>

#include <runtime/task_id/task_id.hpp>

#include <algorithm>
#include <utility>

namespace troupe {
namespace {

constexpr double creation_time_s = 15;
constexpr double start_time_s = 120; // an environment may have to be made first
constexpr double look_time_s = 10;
constexpr double end_time_s = 3'600; ///< of one question; it is asked again
constexpr seconds pause{0.1};
constexpr int most_failures = 50;
constexpr std::size_t most_stdout = 24u << 20;
constexpr std::size_t page_bytes = 1u << 20;
constexpr std::size_t most_last_words = 8u << 10;

std::string reason_of(const message& answer) {
  const auto& body = answer.body();
  return body.is_object() && body.contains("reason") && body["reason"].is_string() ? body["reason"].get<std::string>()
                                                                                    : answer.command();
}

bool is_over(const json& state) {
  const auto name = state.is_object() ? state.value("state", std::string{}) : std::string{};
  return !name.empty() && name != "accepted" && name != "preparing" && name != "queued" && name != "running" && name != "stopping";
}

std::string data_of(const json& record) {
  const auto data = record.find("data");
  return data == record.end()  ? std::string{}
         : data->is_binary() ? std::string{data->get_binary().begin(), data->get_binary().end()}
         : data->is_string() ? data->get<std::string>()
                             : std::string{};
}

} // namespace

void application_actor::ask(address to, std::string command, json body, double timeout_s,
                            std::function<void(const message&)> done) {
  request what{std::move(to), std::move(command), std::move(body), seconds{timeout_s}, {}, {}};
  // Not by the context: an actor with open asks of its own does not move, and some here are open for hours.
  ports_.actors->ask(std::move(what), [post = post_, done = std::move(done)](message_ptr answer) {
    post([done, answer = std::move(answer)] { done(*answer); });
  });
}

void application_actor::start_run(const handler_plan& plan, const std::string& task,
                                  std::function<void(const std::string&)> done) {
  const json wish{{"class_desc", {{"requires_dist", "troupe"}, {"class", "Task"}}}, {"name", task_name(task)}};
  ask(address{ctx().node()}, "create_actor", wish, creation_time_s,
      [this, task, start = plan.start(task), done = std::move(done)](const message& made) {
        if (!made.is("actor_is_created")) {
          done("no task can be made: " + reason_of(made));
          return;
        }
        ask(task_name(task), "start", start, start_time_s, [this, task, done](const message& started) {
          if (started.is("task_started")) {
            done({});
          } else if (started.is("task_is_preparing") || started.is("task_is_queued")) {
            await_running(task, clock::now() + std::chrono::seconds(300), done);
          } else {
            (void)ctx().send(address{ctx().node()}, "remove_actor", json{{"name", task_name(task)}});
            done(reason_of(started));
          }
        });
      });
}

void application_actor::await_running(const std::string& task, clock::time_point until,
                                      std::function<void(const std::string&)> done) {
  ask(task_name(task), "get_state", nullptr, look_time_s, [this, task, until, done = std::move(done)](const message& now) {
    const auto& state = now.body();
    const bool runs = now.is("task_state") && state.is_object() && state.value("os_pid", json(nullptr)).is_number();
    if (runs) {
      done({});
    } else if (!now.is("task_state") || is_over(state) || clock::now() > until) {
      done("its environment was not made: " + (is_over(state) ? state.value("reason", std::string{}) : reason_of(now)));
    } else {
      ctx().after(pause, [this, task, until, done] { await_running(task, until, done); });
    }
  });
}

void application_actor::await_end(const std::string& task, int failures, std::function<void(const json&)> done) {
  ask(task_name(task), "wait_end", nullptr, end_time_s, [this, task, failures, done = std::move(done)](const message& answer) {
    if (answer.is("task_ended")) {
      done(answer.body());
    } else if (answer.is("timer")) {
      await_end(task, failures, done);
    } else if (failures >= most_failures) {
      done(nullptr);
    } else { // its process died, or it moves; it comes back
      ctx().after(pause, [this, task, failures, done] { await_end(task, failures + 1, done); });
    }
  });
}

void application_actor::read_stdout(const std::string& task, std::uint64_t from, std::string have,
                                    std::function<void(std::optional<std::string>, const std::string&)> done) {
  const json query{{"from", from}, {"wait", 0}, {"max_bytes", page_bytes}};
  ask(task_name(task), "read_output", query, look_time_s,
      [this, task, from, have = std::move(have), done = std::move(done)](const message& page) mutable {
        const auto& body = page.body();
        if (!page.is("output") || !body.is_object() || !body.contains("records")) {
          done(std::nullopt, reason_of(page));
          return;
        }
        bool is_cut = false;
        std::string last_error;
        for (const auto& record : body["records"]) {
          is_cut = is_cut || record.value("cut", false);
          const auto stream = record.value("stream", std::string{});
          if (stream == "stdout") {
            have += data_of(record);
          } else if (stream == "stderr") {
            last_error += data_of(record); // a line may come in pieces
          }
        }
        last_error.erase(0, last_error.size() - std::min(last_error.size(), most_last_words));
        const auto next = body.value("next", from);
        if (is_cut || have.size() > most_stdout) {
          done(std::nullopt, "it printed too much");
        } else if (body["records"].empty() || next == from) {
          done(std::move(have), last_error);
        } else {
          read_stdout(task, next, std::move(have), [last_error, done](std::optional<std::string> all, const std::string& later) {
            done(std::move(all), later.size() < most_last_words ? last_error + later : later);
          });
        }
      });
}

} // namespace troupe
