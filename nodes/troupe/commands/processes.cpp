#include "nodes/troupe/answer_words.hpp"
#include "nodes/troupe/commands.hpp"
#include "nodes/troupe/node_list.hpp"
#include "nodes/troupe/table.hpp"
#include "nodes/troupe/typed_value.hpp"

namespace troupe::cli {

namespace {

struct head_answer {
  json message;
  bool is_failure = false;
};

/// Asks the head, which keeps the processes.
attempt<head_answer> ask_head(const command_context& context, std::string_view command, const json& body,
                              double timeout_s) {
  const auto system = context.connect();
  if (!system) {
    return std::unexpected(system.error());
  }
  const auto nodes = list_nodes(*system);
  if (!nodes) {
    return std::unexpected(nodes.error());
  }
  const json recipient = nodes->head.empty() ? json(nullptr) : json(nodes->head);
  auto answer = system->ask(recipient, command, body, timeout_s);
  if (!answer) {
    return std::unexpected(answer.error());
  }
  const bool is_failure = is_failure_answer((*answer)["command"].get_ref<const std::string&>());
  return head_answer{std::move(*answer), is_failure};
}

int report(const command_context& context, const head_answer& answer, const std::string& done) {
  if (context.is_json()) {
    context.print_json(answer.message);
  } else if (!answer.is_failure) {
    context.print(done + "\n");
  }
  if (!answer.is_failure) {
    return exit_ok;
  }
  context.complain(failure_text(answer.message));
  return exit_failure;
}

} // namespace

attempt<int> execute(const list_processes_options&, command_context& context) {
  const auto system = context.connect();
  if (!system) {
    return std::unexpected(system.error());
  }
  const auto nodes = list_nodes(*system);
  if (!nodes) {
    return std::unexpected(nodes.error());
  }
  json document = json::array();
  table rows({"NODE", "ROLE", "ACTORS"});
  int code = exit_ok;
  for (const auto& node : nodes->nodes) {
    const std::string role = node == nodes->head ? "head" : "";
    const auto count = system->count_members("actors", node);
    if (!count && count.error().http_status == 0) {
      return std::unexpected(count.error());
    }
    if (!count) {
      context.complain(node + ": " + count.error().text);
      code = exit_failure;
    }
    const std::size_t actors = count && *count > 0 ? *count - 1 : 0; // without the node's admin
    document.push_back({{"node", node}, {"role", role}, {"actors", count ? json(actors) : json(nullptr)}});
    rows.add({node, role, count ? std::to_string(actors) : "?"});
  }
  context.is_json() ? context.print_json(json{{"processes", document}}) : context.print(rows.text(context.colour()));
  return code;
}

attempt<int> execute(const create_process_options& options, command_context& context) {
  const json body = options.name.empty() ? json(nullptr) : json{{"name", options.name}};
  const auto answer = ask_head(context, "create_process", body, options.timeout_s);
  if (!answer) {
    return std::unexpected(answer.error());
  }
  const auto made = answer->message.value("body", json{});
  return report(context, *answer, made.is_object() ? shown(made.value("node", json{})) : shown(made));
}

attempt<int> execute(const remove_process_options& options, command_context& context) {
  const auto answer = ask_head(context, "remove_process", json{{"node", options.node}}, options.timeout_s);
  if (!answer) {
    return std::unexpected(answer.error());
  }
  return report(context, *answer, printable(options.node) + " is removed");
}

} // namespace troupe::cli
