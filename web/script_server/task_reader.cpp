#include "web/script_server/task_reader.hpp"

#include "runtime/task_id/task_id.hpp"

#include <algorithm>
#include <utility>

namespace troupe {
namespace {

// The process of a task may die and come back, and the task with it; all pauses together are about 10 s.
constexpr int most_failures = 14;
constexpr std::chrono::milliseconds first_pause{50};
constexpr std::chrono::milliseconds longest_pause{1'000};
constexpr std::size_t page_bytes = 4u << 20;

std::string text_or_bytes(const json& record, const char* key) {
  const auto found = record.find(key);
  if (found == record.end()) {
    return {};
  }
  return found->is_binary() ? std::string{found->get_binary().begin(), found->get_binary().end()}
         : found->is_string() ? found->get<std::string>()
                              : std::string{};
}

} // namespace

void task_reader::start(script_world& world, const std::string& task, double patience_s, bool wants_output, done ended) {
  const auto made = std::shared_ptr<task_reader>(new task_reader(world, task, std::move(ended)));
  made->patience_s_ = patience_s;
  made->wants_output_ = wants_output;
  made->await_end();
}

void task_reader::read(script_world& world, const std::string& task, const json& state, done ended) {
  std::shared_ptr<task_reader>(new task_reader(world, task, std::move(ended)))->on_end(state);
}

void task_reader::ask(address to, const char* command, json body, double timeout_s,
                      void (task_reader::*then)(const message&)) {
  request what;
  what.recipient = std::move(to);
  what.command = command;
  what.body = std::move(body);
  what.timeout = seconds(timeout_s);
  ++world_.web.counters.asks;
  world_.web.actors.ask(std::move(what), [self = shared_from_this(), then](message_ptr answer) { ((*self).*then)(*answer); });
}

void task_reader::await_end() {
  if (is_past_) {
    ask(world_.web.history, "get_run", json{{"id", task_}}, 10, &task_reader::on_state);
  } else {
    ask(task_name(task_), "wait_end", nullptr, patience_s_, &task_reader::on_state);
  }
}

void task_reader::on_state(const message& answer) {
  if (answer.is("task_ended") || (answer.is("run") && is_over(answer.body()))) {
    failures_ = 0;
    on_end(answer.body());
  } else if (answer.is("timer") && !is_past_) {
    ended_(run_outcome::failed(504, "the run has not ended in time"));
  } else {
    on_failure(answer, &task_reader::await_end);
  }
}

void task_reader::on_end(const json& state) {
  outcome_ = run_outcome::of_state(state);
  if (wants_output_) {
    ask_output();
  } else {
    std::exchange(ended_, {})(std::move(outcome_));
  }
}

void task_reader::ask_output() {
  json body{{"from", next_}, {"wait", 0}, {"max_bytes", page_bytes}};
  if (is_past_) {
    body["id"] = task_;
    ask(world_.web.history, "read_run_output", std::move(body), 20, &task_reader::on_output);
  } else {
    ask(task_name(task_), "read_output", std::move(body), 20, &task_reader::on_output);
  }
}

void task_reader::on_output(const message& answer) {
  const auto& body = answer.body();
  const bool fits = answer.is("output") && body.is_object() && body.contains("records") && body["records"].is_array() &&
                    body.contains("next") && body["next"].is_number_unsigned();
  if (answer.is("output_is_gone") || answer.is("task_is_rejected")) {
    std::exchange(ended_, {})(std::move(outcome_));
    return;
  }
  if (!fits) {
    on_failure(answer, &task_reader::ask_output);
    return;
  }
  failures_ = 0;
  const auto& records = body["records"];
  for (const auto& each : records) {
    take(each);
  }
  const bool moved = body["next"].get<std::uint64_t>() > next_;
  next_ = body["next"].get<std::uint64_t>();
  // `ended` may come together with only a part of what is left.
  if (!moved || records.empty() || outcome_.truncated) {
    std::exchange(ended_, {})(std::move(outcome_));
  } else {
    ask_output();
  }
}

void task_reader::take(const json& record) {
  if (!record.is_object()) {
    return;
  }
  if (const auto cut = record.find("cut"); cut != record.end() && *cut == true) {
    outcome_.truncated = true;
  }
  const auto stream = text_or_bytes(record, "stream");
  if (stream != "stdout" && stream != "stderr") {
    return; // a note of the builder of environments
  }
  auto data = text_or_bytes(record, "data");
  const auto have = outcome_.out.size() + outcome_.err.size();
  if (have + data.size() > world_.rules.max_output_bytes) {
    data.resize(world_.rules.max_output_bytes - have);
    outcome_.truncated = true;
  }
  (stream == "stdout" ? outcome_.out : outcome_.err) += data;
}

void task_reader::on_failure(const message& answer, void (task_reader::*again)()) {
  if (++failures_ >= most_failures) {
    std::exchange(ended_, {})(run_outcome::failed(502, "the run was lost: its task answers `" + answer.command() + "`"));
    return;
  }
  is_past_ = answer.is("actor_is_not_found") ? !is_past_ : answer.is("run_is_unknown") ? false : is_past_;
  const auto pause = std::min(first_pause * (1 << std::min(failures_, 10)), longest_pause);
  world_.web.timer.after(pause, [self = shared_from_this(), again] { ((*self).*again)(); });
}

} // namespace troupe
