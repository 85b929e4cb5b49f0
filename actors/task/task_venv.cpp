// A task and the environment its script runs in.
#include <actors/task/task_actor.hpp>

#include <utility>

namespace troupe {

/// The starter does not wait for a build, which may take minutes.
void task_actor::on_preparing() {
  record_.preparing();
  note();
  std::exchange(started_, {})(reply{"task_is_preparing", json{{"id", record_.id()}}});
}

void task_actor::on_venv(run_plan plan, const result<>& how) {
  if (!how) {
    on_rejected(how.error().text);
    serve_last_reads();
    return;
  }
  venv_.apply(plan);
  begin_run(plan);
  venv_.settle([this](const output_query& query, std::function<void(output_page)> answer) {
    run_->read_output(query, std::move(answer));
  });
}

void task_actor::give_up() {
  venv_.release(ctx());
  record_.given_up("it was cancelled while its environment was being made");
  std::exchange(started_, {})(reply{"task_is_rejected", json{{"reason", record_.reason()}}});
  tell_end();
  serve_last_reads();
}

void task_actor::serve_last_reads() {
  venv_.settle([this](const output_query& query, const std::function<void(output_page)>& answer) {
    answer(venv_.last_page(query));
  });
}

reply task_actor::venv_progress(const message& what) {
  venv_.progress(what);
  return reply::done();
}

} // namespace troupe
