// What a script asks of its task through the observer's channel, what is sent to it, and its children.
#include <actors/task/task_actor.hpp>

#include <runtime/task_id/task_id.hpp>
#include <runtime/text_json/text_json.hpp>

#include <algorithm>
#include <utility>

namespace troupe {
namespace {

constexpr std::size_t most_early_json = 1'024;
constexpr seconds overdue_pause{0.1};
constexpr double usual_tree_time_s = 5;
constexpr double least_tree_time_s = 0.2;

/// The part of the time that is left for the answers of the children: each level of the tree answers before the one above
/// gives it up.
constexpr double time_share = 0.8;

json unknown_child(const std::string& pid, const message* answer) {
  const char* state = answer == nullptr || answer->is("timer") ? "unknown" : "removed";
  return json{{"id", pid}, {"name", task_name(pid)}, {"state", state}, {"children", json::array()}};
}

} // namespace

void task_actor::describe_calls(class_builder<task_actor>& table) {
  table
    .on("send_json", &task_actor::send_json,
        "{data}: any JSON for the script's `read_json_from_observer`: `json_is_sent`, or `task_is_rejected` {reason}.")
    .on_reentrant("get_tree", &task_actor::get_tree,
                  "`task_tree` {id, name, node, state, script, progress, children: [the same…]}; the message's timeout is "
                  "the budget (5 s).")
    .on("call_is_answered", &task_actor::call_is_answered, "The runtime's own: an answer on its way to the script.");
}

void task_actor::on_call(const run_call& what) {
  const auto children = calls_.children().size();
  auto answer = calls_.take(what, {ctx().name(), record_.id(), record_.application(), record_.depth()});
  if (calls_.children().size() != children || what.name == "result") {
    ctx().checkpoint();
  }
  if (answer) {
    run_->answer_call(what.id, std::move(*answer));
  }
}

void task_actor::on_call_gone(std::uint64_t id) { calls_.gone(id); }

reply task_actor::call_is_answered(const message& what) {
  auto how = calls_.finish(what.body());
  if (how.to_script && run_) {
    run_->answer_call(how.to_script->id, std::move(how.to_script->what));
  }
  if (!how.to_cancel.empty()) {
    (void)ctx().send(address{task_name(how.to_cancel)}, "cancel", json{{"tree", true}});
  }
  return reply::done();
}

/// Answers that were on their way when this task moved come here, unless they are lost.
void task_actor::await_answers() {
  const auto left = calls_.patience();
  if (!left) {
    return;
  }
  ctx().after(*left + overdue_pause, [this] {
    for (auto& one : calls_.overdue()) {
      if (run_) {
        run_->answer_call(one.id, std::move(one.what));
      }
    }
  });
}

reply task_actor::send_json(const message& what) {
  const auto& body = what.body();
  if (!body.is_object() || !body.contains("data")) {
    return reply::bad_request("data", "any JSON value");
  }
  if (!run_ || record_.is_over()) {
    return {"task_is_rejected", json{{"reason", record_.why_not_running()}}};
  }
  if (has_reached_run_) {
    push_json(to_text_json(body["data"]), ctx().promise());
  } else if (early_json_.size() < most_early_json) {
    early_json_.emplace_back(to_text_json(body["data"]), ctx().promise());
  } else {
    return {"task_is_rejected", json{{"reason", "too many values wait for the start of the script"}}};
  }
  return reply::later();
}

void task_actor::push_json(json value, responder answer) {
  run_->push_json(std::move(value), [answer](result<> how) {
    answer(how ? reply{"json_is_sent"} : reply{"task_is_rejected", json{{"reason", how.error().text}}});
  });
}

/// The run is reached, or over: what came before is passed on, or refused.
void task_actor::hand_over_json() {
  has_reached_run_ = record_.is_running();
  for (auto& [value, answer] : std::exchange(early_json_, {})) {
    if (has_reached_run_) {
      push_json(std::move(value), std::move(answer));
    } else {
      answer(reply{"task_is_rejected", json{{"reason", record_.why_not_running()}}});
    }
  }
}

std::size_t task_actor::cancel_children() {
  calls_.stop_children();
  ctx().checkpoint();
  for (const auto& pid : calls_.children()) {
    (void)ctx().send(address{task_name(pid)}, "cancel", json{{"tree", true}});
  }
  return calls_.children().size();
}

async<reply> task_actor::get_tree(const message& what) {
  const auto given = what.timeout_s() > 0 ? what.timeout_s() : usual_tree_time_s;
  const seconds patience{std::max(given * time_share, least_tree_time_s)};
  auto tree = state();
  for (const char* left_out : {"result", "args", "stdout_bytes", "stderr_bytes"}) {
    tree.erase(left_out);
  }
  std::vector<std::string> pids(calls_.children().begin(), calls_.children().end());
  std::vector<request> questions;
  for (const auto& pid : pids) {
    questions.push_back({address{task_name(pid)}, "get_tree", nullptr, patience, {}, {}});
  }
  const auto answers = co_await ctx().group_ask(std::move(questions), patience);
  json children = json::array();
  for (std::size_t i = 0; i < pids.size(); ++i) {
    const auto* answer = i < answers.size() ? answers[i].message.get() : nullptr;
    children.push_back(answer != nullptr && answer->is("task_tree") ? answer->body() : unknown_child(pids[i], answer));
  }
  tree["children"] = std::move(children);
  co_return reply{"task_tree", std::move(tree)};
}

} // namespace troupe
