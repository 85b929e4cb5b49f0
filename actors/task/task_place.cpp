// A task and its place among the runs at once.
#include <actors/task/task_actor.hpp>

#include <actors/task/script_plan.hpp>

#include <stdexcept>
#include <utility>

#include <unistd.h>

namespace troupe {
namespace {

constexpr std::size_t most_early_bytes = 16u << 20;
constexpr std::size_t most_early_pieces = 1'024;

} // namespace

/// The environment is there. Parents wait for their children, so these never wait for a place.
void task_actor::prepared(run_plan plan) {
  if (!ports_.queues_runs || record_.is_child()) {
    begin_run(std::move(plan));
    return;
  }
  place_.begin(
    ctx(), ports_, record_.id(), [this](std::size_t position) { on_queued(position); },
    [this, plan](const result<>& how) { on_place(plan, how); });
}

void task_actor::on_queued(std::size_t position) {
  const bool is_news = record_.queued();
  position_ = position;
  venv_.say("waits for its turn: place " + std::to_string(position) + " of the queue");
  if (is_news) {
    ctx().checkpoint();
    note();
    std::exchange(started_, {})(reply{"task_is_queued", json{{"id", record_.id()}, {"place", position}}});
  }
}

void task_actor::on_place(run_plan plan, const result<>& how) {
  position_.reset();
  if (!how) {
    on_rejected(how.error().text);
    serve_last_reads();
    return;
  }
  // An object of this task before may have started it, in a process that died then: its folder is there.
  if (is_again_ && ::access(plan.folder.c_str(), F_OK) == 0) {
    attach();
    venv_.settle([this](const output_query& query, std::function<void(output_page)> answer) {
      run_->read_output(query, std::move(answer));
    });
    hand_over_input();
  } else {
    begin_run(std::move(plan));
  }
}

reply task_actor::place_is_free() {
  const bool wants_it = record_.is_begun() && !record_.is_over();
  if (!place_.take() && !wants_it) {
    return {"place_is_not_wanted"};
  }
  return {"place_is_accepted"};
}

/// What is written before the script can read it waits for it.
reply task_actor::keep_early_input(std::optional<std::string> bytes, std::string key) {
  std::size_t kept = bytes ? bytes->size() : 0;
  for (const auto& one : early_input_) {
    kept += one.bytes ? one.bytes->size() : 0;
  }
  if (kept > most_early_bytes || early_input_.size() >= most_early_pieces) {
    return {"task_is_rejected", json{{"reason", "too much input waits for the start of the script"}}};
  }
  early_input_.push_back({std::move(bytes), std::move(key), asks_->hold(ctx())});
  return reply::later();
}

void task_actor::hand_over_input() {
  for (auto& one : std::exchange(early_input_, {})) {
    const auto refuse = [answer = one.answer](const std::string& why) {
      answer(reply{"task_is_rejected", json{{"reason", why}}});
    };
    if (!run_) {
      refuse(record_.why_not_running());
    } else if (one.bytes) {
      run_->write_input(std::move(*one.bytes), std::move(one.key), [answer = one.answer, refuse](result<std::size_t> how) {
        how ? answer(reply{"stdin_is_written", json{{"bytes", *how}}}) : refuse(how.error().text);
      });
    } else {
      run_->close_input([answer = one.answer, refuse](result<> how) {
        how ? answer(reply{"stdin_is_closed"}) : refuse(how.error().text);
      });
    }
  }
}

/// It waited when it moved, or when its process died.
void task_actor::wait_again() {
  is_again_ = true;
  auto wish = start_request::from_json(start_);
  auto plan = wish ? make_script_plan(*wish, ports_, record_.id()) : fail(error_code::bad_request, wish.error().expected);
  if (!plan) {
    on_rejected(plan.error().text);
    return;
  }
  venv_.apply(*plan);
  prepared(std::move(*plan));
}

} // namespace troupe
