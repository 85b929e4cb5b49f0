#pragma once

#include "actors/head/node_launcher.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace troupe {

/// The node processes that were started with this settings file and still run, found by their command lines. The caller
/// holds the state folder's lock, so no other daemon has them.
std::vector<left_node> find_left_nodes(const std::string& settings_file);

/// Divides what was found: gives the nodes to take over, kills the others and waits for their ends. Not taken over is what
/// `is_known` does not want, and an older life of a node that is there twice.
std::vector<left_node> keep_left_nodes(std::vector<left_node> found, const std::function<bool(const left_node&)>& is_known);

/// Removes the sockets of nodes that are no more from the run folder.
void remove_dead_sockets(const std::filesystem::path& run_folder, const std::vector<left_node>& kept);

} // namespace troupe
