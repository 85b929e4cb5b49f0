#include "nodes/troupe/commands.hpp"
#include "nodes/troupe/node_list.hpp"
#include "nodes/troupe/table.hpp"

namespace troupe::cli {

attempt<int> execute(const list_actors_options& options, command_context& context) {
  const auto system = context.connect();
  if (!system) {
    return std::unexpected(system.error());
  }
  std::vector<std::string> nodes{options.node};
  if (options.node.empty()) {
    auto all = list_nodes(*system);
    if (!all) {
      return std::unexpected(all.error());
    }
    nodes = std::move(all->nodes);
  }
  json document = json::array();
  table rows({"ACTOR", "NODE"});
  int code = exit_ok;
  for (const auto& node : nodes) {
    const auto members = system->members("actors", node);
    if (!members) {
      if (members.error().http_status == 0 || nodes.size() == 1) {
        return std::unexpected(members.error());
      }
      context.complain(node + ": " + members.error().text); // the others may still be listed
      code = exit_failure;
      continue;
    }
    for (const auto& actor : *members) {
      if (actor.id != node) { // the first one is the node's admin
        document.push_back({{"actor", actor.id}, {"node", node}});
        rows.add({actor.id, node});
      }
    }
  }
  if (context.is_json()) {
    context.print_json(json{{"actors", document}});
  } else {
    context.print(rows.empty() ? std::string{"no actors\n"} : rows.text(context.colour()));
  }
  return code;
}

} // namespace troupe::cli
