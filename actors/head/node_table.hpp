#pragma once

#include <troupe/message.hpp>
#include <troupe/result.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace troupe {

/// One node process as the prime sees it.
struct node_record {
  enum class condition { starting, up, ending };

  std::string node;
  std::uint32_t incarnation = 0;
  pid_t pid = 0;
  bool adopted = false; ///< started by an earlier daemon
  condition state = condition::starting;
  std::string verdict;   ///< why it was killed, if it was
  message_ptr asked;     ///< the `create_process` that is not answered yet
  std::function<void(result<>)> on_up;      ///< for starts that no message asked for
  std::vector<std::function<void(bool forced)>> on_end;
  bool forced = false;
  std::chrono::steady_clock::time_point up_since{};
};

/// The process table of one host: names and numbers of its nodes, in order of creation. Plain data.
class node_table {
public:
  explicit node_table(std::string host) : host_(std::move(host)) {}

  /// `<host>.<process>.admin`; without a name `process_<n>`, n from 0, never used again. Fails with `name_taken` or
  /// `bad_request` (letters, digits, `_` and `-` only).
  result<node_record*> add(const std::string& process, std::uint32_t incarnation);
  /// A node that is there already; numbers go on after its own. Fails with `name_taken` or `bad_request` (of another host).
  result<node_record*> take_over(const std::string& node, std::uint32_t incarnation, pid_t pid);
  node_record* find(const std::string& node);
  void remove(const std::string& node);
  /// Removes a record of this table and gives it back; other records may change their places.
  node_record take(node_record& record);
  std::vector<node_record>& all() noexcept { return records_; }
  std::vector<std::string> names() const;

private:
  std::string host_;
  std::uint64_t next_number_ = 0;
  std::vector<node_record> records_;
};

} // namespace troupe
