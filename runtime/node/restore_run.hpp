#pragma once

#include "runtime/node/name_table.hpp"
#include "runtime/node/node_services.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace troupe {

class local_node;

/// Actors of an earlier process that are made again, from their checkpoints: each for itself, and their names are reserved
/// already. Keeps itself alive by what it waits for.
class restore_run : public std::enable_shared_from_this<restore_run> {
public:
  static void begin(local_node& home, name_table& names, executor& pool, std::vector<restoration> what,
                    std::function<void(json)> done);

  restore_run(name_table& names, std::function<void(json)> done) : names_(names), done_(std::move(done)) {}

private:
  friend class rebirth_job;

  void claim(local_node& home, executor& pool, std::vector<restoration> what);
  void give_birth();
  void born(const ref_ptr<actor_cell>& cell, const result<>& how);
  void note_failure(const std::string& name, const std::string& reason);
  void one_less();

  name_table& names_;
  std::function<void(json)> done_;
  std::vector<ref_ptr<actor_cell>> cells_;
  std::atomic<std::size_t> missing_{1};
  std::mutex mutex_;
  json failed_ = json::array();
};

} // namespace troupe
