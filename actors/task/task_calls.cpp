// What a script asks of its task through the observer's channel.
#include <actors/task/task_actor.hpp>

namespace troupe {

void task_actor::on_call(const run_call& what) {
  run_->answer_call(what.id, json{{"ok", false},
                                  {"error", {{"name", "is_not_handled"}, {"text", "a task does not know " + what.name}}}});
}

void task_actor::on_call_gone(std::uint64_t) {}

} // namespace troupe
