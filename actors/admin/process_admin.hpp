#pragma once

#include <troupe/actor.hpp>

#include "runtime/node/node_services.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

/// What an admin needs from its program.
struct process_admin_ports {
  node_services& node;
  class_source& classes;
  std::uint32_t incarnation = 0; ///< of this process
  bool is_main = false;    ///< of the main node: what concerns the system goes on to the daemon
  std::string daemon_node; ///< where the directory and the head's admin are
  std::string source_path; ///< where packages lie
  std::string work_path;   ///< this process's own folder
  std::string log_path;
  /// Arms a fault point; null unless the configuration allows faults.
  std::function<result<>(const std::string& point, const std::string& action, unsigned count)> arm_fault;
  std::function<json()> services; ///< what this process offers to the outside: name → {service, address, …}; may be none
  std::function<void()> end_process; ///< called once, after the last actor has ended
};

/// The admin of one process (PEACEPIE 3.2): creates, removes and finds actors of its node, and lists them. Every handler
/// that waits is re-entrant: an admin never keeps its mailbox waiting.
class process_admin final : public actor {
public:
  explicit process_admin(const process_admin_ports& ports) : ports_(ports) {}
  static void describe(class_builder<process_admin>& table);

  reply unknown(const message& what) override;

private:
  reply create_actor(const message& what);
  reply create_actors(const message& what);
  reply create(const message& what, std::vector<std::string> names, bool one);
  async<> create_elsewhere(message_ptr what, responder answer, std::string reason);
  reply restore_actors(const message& what);
  reply remove_actor(const message& what);
  reply recreate_actor(const message& what);
  reply prepare_replica(const message& what);
  async<> pass_to_owner(message_ptr what, responder answer);
  responder tell_later(const std::string& name);
  void move_here_or_there(const message& what, const std::string& name, const class_desc& now);
  async<reply> seek_actor(const message& what);
  reply find_actor(const message& what);
  reply get_members(const message& what);
  reply remove_process(const message& what);
  reply change_cache(const message& what);
  reply get_source_path();
  reply get_work_path();
  reply get_log_desc();
  reply get_dead_letters(const message& what);
  reply get_metrics();
  // supervision.cpp
  reply restart_actor(const message& what);
  reply resume_actor(const message& what);
  reply get_supervision(const message& what);
  reply is_for_supervisor(const message& what);
  reply is_for_owner(const std::string& name, std::function<reply()> absent);

  // draining.cpp
  reply drain_process(const message& what);
  reply get_drain();
  void drain_to(const message_ptr& nodes);
  void drain_on();
  void drained(const std::string& name, const move_end& end);

  reply set_fault(const message& what);
  reply announce(const message& what);
  reply census(const message& what); // census.cpp
  reply pass_to_daemon(const message& what);
  reply end_node(const message& what);
  void keep(async<> work);

  json members_of_node(const struct members_question& question) const;

  struct drain_run;

  process_admin_ports ports_;
  std::shared_ptr<drain_run> drain_; ///< the running or the last one; null: none yet
  std::vector<std::shared_ptr<async<>>> works_;
  bool ending_ = false;
};

std::shared_ptr<const class_info> make_process_admin_class(const process_admin_ports& ports);

} // namespace troupe
