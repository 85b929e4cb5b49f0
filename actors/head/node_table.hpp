#pragma once

#include <troupe/message.hpp>
#include <troupe/result.hpp>

#include "actors/head/process_wish.hpp"
#include "runtime/store/store_content.hpp"
#include "runtime/supervision/restart_policy.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace troupe {

/// One node process as the prime sees it: that it should exist, and what is of it at present.
struct node_record {
  enum class condition {
    starting,
    up,
    ending,
    waiting,     ///< it died, and is started again after a while
    quarantined, ///< it died too often
  };

  node_record(std::string name, const restart_limits& limits);

  std::string node;
  std::uint32_t incarnation = 0;
  pid_t pid = 0;
  bool adopted = false; ///< started by an earlier daemon
  condition state = condition::starting;
  process_wish wish;
  bool numbered = false;
  bool came_up = false; ///< in this life or an earlier one: if it dies now, it comes back
  restart_policy policy;
  std::uint32_t restarts = 0;
  std::vector<std::string> deaths; ///< the newest reasons, oldest first
  std::string verdict;   ///< why it was killed, if it was
  message_ptr asked;     ///< the `create_process` that is not answered yet
  std::function<void(result<>)> on_up;      ///< for starts that no message asked for
  std::vector<std::function<void(bool forced)>> on_end;
  bool forced = false;
  std::chrono::steady_clock::time_point up_since{};

  /// There is a process, or there will be one at once.
  bool is_running() const noexcept { return state != condition::waiting && state != condition::quarantined; }
  void note_death(const std::string& how);
  process_row row() const;
};

const char* to_text(node_record::condition state) noexcept;

/// The process table of one host: names and numbers of its nodes, in order of creation. Plain data.
class node_table {
public:
  explicit node_table(std::string host, restart_limits limits = {}) : host_(std::move(host)), limits_(limits) {}

  /// `<host>.<process>.admin`; without a name `process_<n>`, n from 0, never used again. Fails with `name_taken` or
  /// `bad_request` (letters, digits, `_` and `-` only).
  result<node_record*> add(const std::string& process, std::uint32_t incarnation);
  /// A process that was written down; it waits to be started. Null if the node is there.
  node_record* restore(const process_row& row);
  /// A node that is there already; numbers go on after its own. Fails with `name_taken` or `bad_request` (of another host).
  result<node_record*> take_over(const std::string& node, std::uint32_t incarnation, pid_t pid);
  node_record* find(const std::string& node);
  void remove(const std::string& node);
  /// Removes a record of this table and gives it back; other records may change their places.
  node_record take(node_record& record);
  std::vector<node_record>& all() noexcept { return records_; }
  /// Of nodes whose process runs or is starting or ending.
  std::vector<std::string> names() const;
  std::uint64_t next_number() const noexcept { return next_number_; }
  void set_next_number(std::uint64_t number) noexcept { next_number_ = number; }

private:
  std::string host_;
  restart_limits limits_;
  std::uint64_t next_number_ = 0;
  std::vector<node_record> records_;
};

} // namespace troupe
