#pragma once

#include <actors/application/applications_actor.hpp>
#include <actors/application/handler_log.hpp>
#include <actors/application/handler_plan.hpp>

#include <runtime/applications/web_exchange.hpp>

#include <troupe/actor.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace troupe {

/// The web handlers of one application, `application_<id>`: starts their scripts as tasks on its node, hands requests to
/// them and brings their answers. `handle_request` {handler, request} → `web_reply` {status, headers, body} or
/// `handler_has_failed` {status, reason}; `open_socket` {handler, request} → `socket_is_open` {pid}, whose script listens
/// for the bridge, or `handler_has_failed`. A script answers by `web_answer` {request, status, headers, body}. Runs of
/// long-lived handlers go on when the actor moves or is made anew.
class application_actor final : public actor {
public:
  explicit application_actor(application_ports ports) : ports_(ports) {}
  static void describe(class_builder<application_actor>& table);

  async<> pre_run() override { return moved(); }
  async<> moved() override;
  json save() const override;
  void restore(const json& state) override;

private:
  using clock = std::chrono::steady_clock;

  /// A request whose answer is owed.
  struct open_request {
    responder answer;
    handler_plan plan;
    json question;
    std::size_t bytes = 0;
    bool wants_socket = false;
    bool is_second_try = false;
    std::string task; ///< that is to answer
    clock::time_point until;
  };
  /// A run that serves many requests.
  struct long_run {
    std::string task;
    handler_plan plan;
    bool is_running = false;
    std::vector<std::string> waiting; ///< requests that it gets when it runs
  };

  reply handle_request(const message& what) { return take(what, false); }
  reply open_socket(const message& what) { return take(what, true); }
  reply web_answer(const message& what);
  reply get_handlers();
  reply stop_handler(const message& what);
  reply has_changed();
  reply is_gone();

  reply take(const message& what, bool wants_socket);
  void on_plan(const std::string& request, const result<handler_plan>& plan);
  void expire(const std::string& request);
  void answer(const std::string& request, reply what);
  void fail_request(const std::string& request, unsigned status, const std::string& reason);
  void fail_requests_of(const std::string& task, unsigned status, const std::string& reason);
  void show(const application_store::info& what, const responder& tell) const;
  void stop_runs(const std::function<bool(const long_run&)>& which);

  // handler_runs.cpp
  void begin_own_run(const std::string& request);
  void give_own_question(const std::string& request);
  void own_run_ended(const std::string& request, const json& state);
  void use_long_run(const std::string& request);
  void begin_long_run(const std::string& handler);
  void long_run_is_there(const std::string& handler, const std::string& task);
  void hand_over(const std::string& request, const std::string& task);
  void long_run_ended(const std::string& handler, const std::string& task, const std::string& how);
  void serve(const std::string& request, const std::string& task);

  // task_talk.cpp
  void ask(address to, std::string command, json body, double timeout_s, std::function<void(const message&)> done);
  /// Makes and starts a task; `done` gets nothing when its script runs, else why not.
  void start_run(const handler_plan& plan, const std::string& task, std::function<void(const std::string&)> done);
  void await_running(const std::string& task, clock::time_point until, std::function<void(const std::string&)> done);
  /// `done` gets the task's state at its end; null if nobody knows it.
  void await_end(const std::string& task, int failures, std::function<void(const json&)> done);
  /// What it printed; nothing if that is too much or cannot be read.
  void read_stdout(const std::string& task, std::uint64_t from, std::string have,
                   std::function<void(std::optional<std::string>, const std::string& last_error)> done);

  application_ports ports_;
  poster post_;
  std::map<std::string, open_request> open_;
  std::size_t open_bytes_ = 0;
  std::map<std::string, long_run> runs_; ///< by handlers
  handler_log log_;
  std::uint64_t answered_ = 0;
};

class_info make_application_class(application_ports ports);

} // namespace troupe
