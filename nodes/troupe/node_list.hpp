#pragma once

#include "nodes/troupe/gateway.hpp"

#include <string>
#include <vector>

namespace troupe::cli {

/// The nodes of the system, the head first.
struct node_list {
  std::string head;
  std::vector<std::string> nodes;
};

attempt<node_list> list_nodes(const gateway& system);

} // namespace troupe::cli
