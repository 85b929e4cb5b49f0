#include "nodes/troupe/node_list.hpp"

namespace troupe::cli {

attempt<node_list> list_nodes(const gateway& system) {
  const auto status = system.status();
  if (!status) {
    return std::unexpected(status.error());
  }
  node_list found;
  if (const auto head = status->find("head"); head != status->end() && head->is_string()) {
    found.head = head->get<std::string>();
  }
  if (const auto nodes = status->find("nodes"); nodes != status->end() && nodes->is_array()) {
    for (const auto& node : *nodes) {
      if (node.is_string()) {
        found.nodes.push_back(node.get<std::string>());
      }
    }
  }
  return found;
}

} // namespace troupe::cli
