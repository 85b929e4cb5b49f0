#pragma once

#include "runtime/node/name_table.hpp"
#include "runtime/node/node_services.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

namespace troupe {

class local_node;

/// One creation on its way: cells with the names, the names reserved at the head, births on the pool, and all of it
/// undone if one fails. Keeps itself alive by what it waits for.
class creation_run : public std::enable_shared_from_this<creation_run> {
public:
  static void begin(local_node& home, name_table& names, executor& pool, creation what, std::function<void(result<>)> done);

  creation_run(local_node& home, name_table& names, executor& pool, creation what, std::function<void(result<>)> done);

private:
  friend class birth_job;

  result<> claim_locally();
  void reserve();
  void reserved(const message& answer);
  void give_birth();
  void born(std::size_t index, result<> how);
  void undo();
  void abandon_all();

  local_node& home_;
  name_table& names_;
  executor& pool_;
  creation what_;
  std::function<void(result<>)> done_;
  std::vector<ref_ptr<actor_cell>> cells_;
  std::vector<char> alive_;
  std::atomic<std::size_t> missing_{0};
  std::mutex mutex_;
  error failure_;
  bool failed_ = false;
};

} // namespace troupe
