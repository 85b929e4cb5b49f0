#include "nodes/troupe/answer_words.hpp"
#include "nodes/troupe/commands.hpp"
#include "nodes/troupe/table.hpp"
#include "nodes/troupe/typed_value.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <unistd.h>

namespace troupe::cli {

namespace {

constexpr auto poll_period = std::chrono::milliseconds{100};
constexpr double poll_timeout_s = 2;

const std::string& word_of(const json& message) { return message["command"].get_ref<const std::string&>(); }

json body_of(const json& message) {
  auto body = message.value("body", json{});
  return body.is_object() ? body : json::object();
}

/// How far a process is, on one line that is written over again and again; only where somebody looks at it.
class progress_line {
public:
  explicit progress_line(text_sink& sink) : sink_(sink) {}
  ~progress_line() {
    if (width_ > 0) {
      write("");
      sink_.err("\r");
    }
  }
  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;

  void show(const json& drain) {
    if (drain.value("running", json{}) == true) {
      write(shown(drain.value("moved", json{})) + " of " + shown(drain.value("total", json{})) + " actors moved, " +
            std::to_string(drain.value("not_moved", json::array()).size()) + " cannot move");
    }
  }

private:
  void write(std::string text) {
    const auto width = text_width(text);
    text.append(width_ > width ? width_ - width : 0, ' ');
    width_ = width;
    sink_.err("\r" + text);
  }

  text_sink& sink_;
  std::size_t width_ = 0;
};

/// Asks the node to empty itself and shows meanwhile how far it is. The answer to the ask alone says how it ended: a
/// process that dies in the middle answers too, and would know nothing of its past when it is back.
attempt<json> drain(const gateway& system, const drain_process_options& options, text_sink& sink) {
  const json admin{{"node", options.node}, {"entity", nullptr}};
  json body{{"node", options.node}};
  if (!options.to.empty()) {
    body["to"] = options.to;
  }
  auto answer = std::async(std::launch::async,
                           [&] { return system.ask(admin, "drain_process", body, options.timeout_s); });
  if (::isatty(STDERR_FILENO) != 0) {
    progress_line line(sink);
    while (answer.wait_for(poll_period) != std::future_status::ready) {
      const auto state = system.ask(admin, "get_drain", nullptr, std::min(poll_timeout_s, options.timeout_s));
      if (state && word_of(*state) == "drain") {
        line.show(body_of(*state));
      }
    }
  }
  return answer.get();
}

std::string drained_text(const json& body, bool colour) {
  std::string text =
    shown(body.value("moved", json(0))) + " actors are moved from " + shown(body.value("node", json{})) + "\n";
  table rows({"STAYS", "WHY"});
  for (const auto& one : body.value("not_moved", json::array())) {
    if (one.is_object()) {
      rows.add({shown(one.value("name", json{})), shown(one.value("reason", json{}))});
    }
  }
  return rows.empty() ? text : text + rows.text(colour);
}

} // namespace

attempt<int> execute(const move_options& options, command_context& context) {
  const auto system = context.connect();
  if (!system) {
    return std::unexpected(system.error());
  }
  const auto answer =
    system->ask(nullptr, "recreate_actor", {{"entity", options.name}, {"node", options.to}}, options.timeout_s);
  if (!answer) {
    return std::unexpected(answer.error());
  }
  if (context.is_json()) {
    context.print_json(*answer);
  }
  if (is_failure_answer(word_of(*answer))) {
    context.complain(failure_text(*answer));
    return exit_failure;
  }
  const auto body = body_of(*answer);
  if (!context.is_json()) {
    context.print(printable(options.name) + " is at " + shown(body.value("node", json(options.to))) + " now\n");
  }
  if (body.contains("reason")) {
    context.complain("it is moved, but its hook for that failed: " + shown(body["reason"]));
  }
  return exit_ok;
}

attempt<int> execute(const drain_process_options& options, command_context& context) {
  const auto system = context.connect();
  if (!system) {
    return std::unexpected(system.error());
  }
  const auto answer = drain(*system, options, context.sink());
  if (!answer) {
    return std::unexpected(answer.error());
  }
  if (context.is_json()) {
    context.print_json(*answer);
  }
  if (word_of(*answer) == "timer") {
    context.complain("it takes longer than " + shown(seconds_value(options.timeout_s)) +
                     " s and may go on; `troupe ask " + printable(options.node) + " get_drain` tells");
    return exit_failure;
  }
  if (is_failure_answer(word_of(*answer))) {
    context.complain(failure_text(*answer));
    return exit_failure;
  }
  const auto body = body_of(*answer);
  if (!context.is_json()) {
    context.print(drained_text(body, context.colour()));
  }
  return body.value("not_moved", json::array()).empty() ? exit_ok : exit_failure;
}

} // namespace troupe::cli
