#pragma once

#include <troupe/actor.hpp>

#include "actors/head/boot_plan.hpp"
#include "actors/head/head_books.hpp"
#include "actors/head/node_launcher.hpp"
#include "actors/head/node_table.hpp"
#include "runtime/node/node_services.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

/// What the head's admin needs from the daemon.
struct head_ports {
  node_launcher& nodes;
  head_books& books;
  node_services& node;
  boot_plan plan;
  std::shared_ptr<store_content> found; ///< what was written down; taken at the start. Null: nothing
  restart_limits process_restarts;
  std::vector<left_node> left;   ///< nodes that outlived the last daemon; the directory waits for their names already
  std::uint32_t first_incarnation = 1; ///< of nodes; grows with each
  seconds heartbeat{0.5};
  liveness_limits liveness;
  seconds exit_hook{4};
  /// Arms a fault point of the daemon; null unless the configuration allows faults.
  std::function<result<>(const std::string& point, const std::string& action, unsigned count)> arm_fault;
  std::function<void(const json& services)> ready; ///< the start list is done
  std::function<void(std::string reason)> failed;  ///< the system cannot start or go on
  std::function<void(json report)> ended;          ///< every node has ended; the report names what was forced
};

/// The admin of the head and prime, in the daemon (PEACEPIE 3.3 and 3.4): processes, the whole system's listings, its
/// start and its end. What concerns actors of the main node it passes on to that node's own admin.
class head_admin final : public actor {
public:
  explicit head_admin(head_ports ports);
  static void describe(class_builder<head_admin>& table);

  async<> pre_run() override;
  reply unknown(const message& what) override;

private:
  // processes.cpp
  reply create_process(const message& what);
  reply remove_process(const message& what);
  reply node_is_up(const message& what);
  reply node_has_exited(const message& what);
  result<node_record*> launch(const process_wish& wish);
  result<> start(node_record& record);
  void drop(node_record& record, const std::string& how);
  void end_node(const std::string& node, std::function<void(bool forced)> done);
  void watch();
  void answer_asked(node_record& record, const std::string& reason);

  // revival.cpp
  void take_found();
  async<> bring_back();
  void begin_again(node_record& record, const std::string& how);
  void start_again(const std::string& node);
  async<> revive(std::string node, std::uint32_t incarnation);
  void release_lost(const std::vector<std::string>& names, const std::string& node, const std::string& reason);
  async<bool> restore_actors(const std::string& node, std::uint32_t incarnation);
  async<> start_planned(const std::string& node);
  void actor_is_lost(const message& what);
  async<> make_again(std::string name, std::string node);
  reply resume_process(const message& what);
  void keep(async<> work);
  void fail_system(const std::string& problem);

  // take_over.cpp
  async<> take_over();
  void take_census(const std::string& node, std::uint32_t incarnation, const std::string& from);
  void census_came(const std::string& node, std::uint32_t incarnation, const message& answer);
  void adopt_names(const std::string& node, const json& actors);
  void settle(const std::string& node, bool lives);

  // listings.cpp
  reply get_members(const message& what);
  reply get_all_nodes();
  reply get_local_nodes();
  async<reply> seek_actor(const message& what);
  reply get_status();
  reply get_services();
  async<reply> get_supervision(const message& what);
  reply change_caches();
  std::vector<std::string> node_names() const;

  // services.cpp
  async<std::string> start_services();
  async<std::string> start_service(boot_plan::planned_service what);
  reply service_is_ready(const message& what);

  // system.cpp
  async<> boot(const message& what);
  async<std::string> have_main();
  async<std::string> start_main();
  async<> start_venv_builder();
  async<> start_applications();
  bool is_there(const std::string& name) const; ///< or will be, by the config
  async<std::string> run_start_list();
  async<std::string> expect(request what, std::string expected);
  reply quit(const message& what);
  void end_everything();
  reply test_error(const message& what);
  reply set_fault(const message& what);
  reply is_for_main(const message& what);
  reply is_for_supervisor(const message& what);
  void tell_supervisor(const std::string& node, const std::string& how, bool will_restart);

  head_ports ports_;
  node_table nodes_;
  std::uint32_t next_incarnation_;
  std::map<std::string, json> services_;
  json test_errors_ = json::array();
  std::size_t unsettled_ = 0;          ///< nodes that have not told their names yet
  std::function<void()> on_settled_;
  bool ending_ = false;
  bool booted_ = false;
  bool after_crash_ = false; ///< the last daemon had come as far as being ready, and did not end in order
  bool failed_ = false;
  std::vector<std::string> forced_;
  std::vector<std::shared_ptr<async<>>> works_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

std::shared_ptr<const class_info> make_head_class(const head_ports& ports);

} // namespace troupe
