#include <actors/task/script_calls.hpp>

#include <actors/task/child_start.hpp>

#include <runtime/error/error_table.hpp>
#include <runtime/task_id/task_id.hpp>
#include <runtime/text_json/text_json.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace troupe {
namespace {

constexpr double longest_ask_s = 7 * 24 * 3600.0;
constexpr std::size_t longest_progress_text = 1'024;
constexpr auto start_patience = std::chrono::seconds{200};
constexpr auto answer_margin = std::chrono::seconds{5};

json accept(json body = nullptr) {
  return json{{"ok", true}, {"body", std::move(body)}};
}

const json& field(const json& body, const char* name) {
  static const json& nothing = *new json(nullptr);
  const auto found = body.find(name);
  return found == body.end() ? nothing : *found;
}

bool is_finite_number(const json& value) {
  return value.is_number() && std::isfinite(value.get<double>());
}

/// Brings an answer to the task, wherever it lives by then.
void bring(door& actors, const std::string& task, std::uint64_t id, json answer) {
  const auto send = [&](json what) {
    return actors.send(request{task, "call_is_answered", json{{"id", id}, {"answer", std::move(what)}}, {}, {}, {}});
  };
  if (const auto sent = send(std::move(answer)); !sent) {
    (void)send(json{{"ok", false}, {"error", {{"name", "too_large"}, {"text", sent.error().text}}}});
  }
}

} // namespace

json script_calls::refuse(const std::string& name, const std::string& text) const {
  return json{{"ok", false}, {"error", {{"name", name}, {"text", text}}}};
}

std::optional<json> script_calls::take(const run_call& what, const calling_task& who) {
  told_.insert(what.id);
  if (auto early = early_.extract(what.id)) {
    waiting_.erase(what.id);
    told_.erase(what.id);
    return std::move(early.mapped());
  }
  if (waiting_.contains(what.id)) {
    return std::nullopt;
  }
  auto body = from_text_json(what.body);
  std::optional<json> answer;
  if (!body) {
    answer = refuse("bad_request", body.error().text);
  } else if (what.name == "ask") {
    answer = ask(what.id, *body, who);
  } else if (what.name == "send") {
    answer = send(*body, who);
  } else if (what.name == "progress") {
    answer = progress(*body);
  } else if (what.name == "result") {
    answer = result(*body);
  } else if (what.name == "run_script") {
    answer = run_script(what.id, *body, who);
  } else {
    answer = refuse("is_not_handled", "a task does not know " + what.name);
  }
  if (answer) {
    told_.erase(what.id);
  }
  return answer;
}

void script_calls::gone(std::uint64_t id) {
  told_.erase(id);
  early_.erase(id);
  if (!starting_.contains(id)) { // a child that is being started is looked after to its end
    waiting_.erase(id);
  }
}

script_calls::outcome script_calls::finish(const json& body) {
  outcome out;
  const auto& id = body.is_object() ? field(body, "id") : body;
  if (!id.is_number_unsigned() || !field(body, "answer").is_object()) {
    return out;
  }
  const auto number = id.get<std::uint64_t>();
  const auto& what = field(body, "answer");
  if (const auto child = starting_.extract(number)) {
    if (what.value("ok", json(false)) != true) {
      std::erase(children_, child.mapped());
    } else if (is_stopping_) {
      out.to_cancel = child.mapped();
    }
  }
  if (!waiting_.contains(number)) {
    return out;
  }
  if (told_.erase(number) == 0) {
    early_[number] = what;
    return out;
  }
  waiting_.erase(number);
  out.to_script = answer{number, what};
  return out;
}

std::optional<json> script_calls::ask(std::uint64_t id, const json& body, const calling_task& who) {
  const auto* const wrong = "an object with `to` (an address), `command` (a text), `body` and `timeout` (seconds)";
  if (!body.is_object() || !field(body, "command").is_string()) {
    return refuse("bad_request", wrong);
  }
  const auto to = address::from_json(field(body, "to"));
  const auto& time = field(body, "timeout");
  if (!to || !(time.is_null() || (is_finite_number(time) && time.get<double>() > 0))) {
    return refuse("bad_request", wrong);
  }
  request what{to->is_null() ? address{ports_.actors->head()} : *to, field(body, "command"), field(body, "body"), {}, {}, {}};
  const auto patience = time.is_null() ? 1.0 : std::min(time.get<double>(), longest_ask_s);
  what.timeout = seconds{patience};
  waiting_[id] = {clock::now() + std::chrono::duration_cast<clock::duration>(seconds{patience}) + answer_margin, {}};
  ports_.actors->ask(std::move(what), [&actors = *ports_.actors, name = who.name, id](message_ptr answer) {
    bring(actors, name, id, accept(json{{"command", answer->command()}, {"body", answer->body()}}));
  });
  return std::nullopt;
}

json script_calls::send(const json& body, const calling_task& who) {
  const auto to = body.is_object() ? address::from_json(field(body, "to")) : std::nullopt;
  if (!to || !field(body, "command").is_string()) {
    return refuse("bad_request", "an object with `to` (an address), `command` (a text) and `body`");
  }
  request what{to->is_null() ? address{ports_.actors->head()} : *to, field(body, "command"), field(body, "body"), {}, {}, {}};
  what.sender = address{ports_.actors->node(), who.name};
  const auto sent = ports_.actors->send(std::move(what));
  return sent ? accept() : refuse(std::string(describe_error(sent.error().code).name), sent.error().text);
}

json script_calls::progress(const json& body) {
  const auto fits = body.is_object() && is_finite_number(field(body, "done")) &&
                    (field(body, "total").is_null() || is_finite_number(field(body, "total"))) &&
                    (field(body, "text").is_null() || field(body, "text").is_string());
  if (!fits) {
    return refuse("bad_request", "an object with `done` and `total` (numbers) and `text`");
  }
  auto text = field(body, "text").is_string() ? field(body, "text").get<std::string>() : std::string{};
  if (text.size() > longest_progress_text) {
    return refuse("too_large", "the text of a progress has at most 1024 bytes");
  }
  progress_ = json{{"done", field(body, "done")}, {"total", field(body, "total")}, {"text", std::move(text)}};
  return accept();
}

json script_calls::result(const json& body) {
  if (const auto text = dump_text_json(body); !text || text->size() > most_result) {
    return refuse("too_large", "a result has at most 1 MiB as JSON; write more into a file of the task's folder");
  }
  result_ = body;
  return accept();
}

/// The child of a call, noted before anything is done, so that the call can be done again.
std::string script_calls::child_of(std::uint64_t id) {
  if (const auto known = starting_.find(id); known != starting_.end()) {
    return known->second;
  }
  const auto pid = new_task_id();
  starting_[id] = pid;
  children_.push_back(pid);
  if (children_.size() > most_children) {
    children_.pop_front();
  }
  return pid;
}

std::optional<json> script_calls::run_script(std::uint64_t id, const json& body, const calling_task& who) {
  if (!body.is_object() || !field(body, "script").is_string() ||
      !(field(body, "params").is_null() || field(body, "params").is_object())) {
    return refuse("bad_request", "an object with `script` (a name or an id) and `params` (an object)");
  }
  if (is_stopping_) {
    return refuse("conflict", "the task and its children are being stopped");
  }
  if (who.depth + 1 > most_depth) {
    return refuse("conflict", "there are " + std::to_string(most_depth) + " tasks above this one; no child is started");
  }
  const auto script = ports_.scripts->find(who.application, field(body, "script").get<std::string>());
  if (!script) {
    return refuse(std::string(describe_error(script.error().code).name), script.error().text);
  }
  child_wish wish;
  wish.pid = child_of(id);
  wish.start = json{{"id", wish.pid},
                    {"script", *script},
                    {"application", who.application},
                    {"parent", who.id},
                    {"depth", who.depth + 1},
                    {"params", field(body, "params").is_null() ? json::object() : field(body, "params")}};
  waiting_[id] = {clock::now() + start_patience, wish.pid};
  start_child(*ports_.actors, wish, [&actors = *ports_.actors, this_task = who.name, id, pid = wish.pid](troupe::result<> how) {
    bring(actors, this_task, id,
          how ? accept(json{{"pid", pid}})
              : json{{"ok", false}, {"error", {{"name", "task_is_rejected"}, {"text", how.error().text}}}});
  });
  return std::nullopt;
}

void script_calls::add_to(json& state) const {
  state["progress"] = progress_;
  state["result"] = result_;
  state["children"] = children_.size();
}

json script_calls::save() const {
  json waiting = json::array();
  for (const auto& [id, one] : waiting_) {
    const auto until = std::chrono::duration<double>(one.until.time_since_epoch()).count();
    waiting.push_back({{"id", id}, {"until", until}, {"child", one.child}});
  }
  json starting = json::array();
  for (const auto& [id, pid] : starting_) {
    starting.push_back({{"id", id}, {"pid", pid}});
  }
  return {{"waiting", std::move(waiting)}, {"starting", std::move(starting)}, {"children", children_},
          {"progress", progress_},         {"result", result_},               {"stopping", is_stopping_}};
}

void script_calls::load(const json& value) {
  for (const auto& one : value.at("waiting")) {
    const auto until = std::chrono::duration<double>(one.at("until").get<double>());
    waiting_[one.at("id").get<std::uint64_t>()] = {
      clock::time_point{std::chrono::duration_cast<clock::duration>(until)}, one.at("child").get<std::string>()};
  }
  for (const auto& one : value.at("starting")) {
    starting_[one.at("id").get<std::uint64_t>()] = one.at("pid").get<std::string>();
  }
  children_ = value.at("children").get<std::deque<std::string>>();
  progress_ = value.at("progress");
  result_ = value.at("result");
  is_stopping_ = value.at("stopping").get<bool>();
}

std::optional<seconds> script_calls::patience() const {
  std::optional<seconds> out;
  for (const auto& [id, one] : waiting_) {
    const auto left = std::max(seconds{one.until - clock::now()}, seconds{0});
    out = std::max(out.value_or(left), left);
  }
  return out;
}

std::deque<script_calls::answer> script_calls::overdue() {
  std::deque<answer> out;
  const auto now = clock::now();
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    if (at->second.until > now) {
      ++at;
      continue;
    }
    out.push_back({at->first, refuse("actor_has_failed", "the answer was lost when the task moved; whether the message "
                                                         "was handled is not known")});
    told_.erase(at->first);
    early_.erase(at->first);
    at = waiting_.erase(at);
  }
  return out;
}

} // namespace troupe
