#pragma once

#include <actors/venv/venv_builder.hpp>

#include <runtime/observer/observer_run_host.hpp>
#include <runtime/process/io_thread.hpp>
#include <runtime/process/posix_process_host.hpp>
#include <runtime/sdk/testing/fake_context.hpp>

#include <memory>
#include <string>
#include <utility>

namespace troupe {

/// A builder over real observers, without an engine: the caller's thread is the actor's turn.
class builder_alone {
public:
  builder_alone(venv_ports ports, const std::string& observer)
    : host_(io_.loop(), processes_, observer), ports_(std::move(ports)) {
    ports_.runs = &host_;
    ctx_.own_name = "venv_builder";
    table_ = make_venv_builder_class(ports_);
    begin(nullptr);
  }

  ~builder_alone() { end(); }

  fake_answer_ptr tell(std::string command, json body = nullptr) {
    return ctx_.tell(*actor_, table_, std::move(command), std::move(body));
  }

  /// Lets the builder work until `holds`; its timers fire as soon as nothing else is to be done.
  template <class Condition>
  bool run_until(Condition&& holds, std::chrono::seconds limit = std::chrono::seconds{90}) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (std::chrono::steady_clock::now() < deadline) {
      if (ctx_.run_until([&] { return holds() || !ctx_.timers.empty(); }, std::chrono::milliseconds{50}) && holds()) {
        return true;
      }
      if (!ctx_.timers.empty()) {
        auto timer = std::move(ctx_.timers.front());
        ctx_.timers.pop_front();
        timer.done();
      }
    }
    return holds();
  }

  reply ask(std::string command, json body = nullptr) {
    const auto answer = tell(std::move(command), std::move(body));
    run_until([&] { return answer->ready(); });
    return answer->get();
  }

  json state(const std::string& name) { return ask("get_venv", {{"name", name}}).body(); }

  /// Another object with the state of this one, as after a restart.
  void restart(const json& state) {
    end();
    begin(&state);
  }

  fake_context& ctx() { return ctx_; }
  venv_builder& actor() { return static_cast<venv_builder&>(*actor_); }
  venv_folder folder() const { return venv_folder{ports_.folder}; }

private:
  void begin(const json* state) {
    actor_ = table_.make();
    actor_->bind(&ctx_);
    if (state != nullptr) {
      actor_->restore(*state);
    }
    (void)ctx_.run_hook(actor_->pre_run());
  }

  void end() {
    if (actor_) {
      (void)ctx_.run_hook(actor_->exit());
      actor_.reset();
    }
  }

  io_thread io_;
  posix_process_host processes_;
  observer_run_host host_;
  venv_ports ports_;
  fake_context ctx_;
  class_info table_;
  std::unique_ptr<troupe::actor> actor_;
};

} // namespace troupe
