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
  prepared(std::move(plan));
}

void task_actor::give_up() {
  const bool waited = place_.is_waiting();
  place_.give_up();
  position_.reset();
  venv_.release(ctx());
  record_.given_up(waited ? "it was cancelled while it waited for its turn"
                          : "it was cancelled while its environment was being made");
  ctx().checkpoint();
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
