#pragma once

#include "runtime/scripts/run_request.hpp"
#include "web/script_server/run_answer.hpp"
#include "web/script_server/script_run.hpp"
#include "web/script_server/script_world.hpp"

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe {

/// One wish for one script. Equal ones share a run and what it gave.
struct script_wish {
  std::string name;
  std::shared_ptr<const script_run_request> what;
  bool fresh = false;   ///< neither an older result nor a run that others have asked for
  bool is_kept = true;  ///< its result may answer later wishes
  std::function<bool()> is_wanted;                ///< false: whoever asked has gone
  std::function<void(const run_answer&)> answered; ///< once, unless the server closes
};

/// A wish for a run of its own, whose output somebody follows or nobody waits for.
struct own_run_wish {
  std::string name;
  std::shared_ptr<const script_run_request> what;
  std::function<bool()> is_wanted;
  std::function<void(const json& facts)> started;
  std::function<void(run_outcome)> not_started;
};

/// Runs scripts: from the cache, with others who want the same, or when it is their turn. On the server's thread.
class script_runs {
public:
  explicit script_runs(script_world& world) : world_(world) {}

  /// Keeps what a request says until all runs of it are over. Null: too much is kept already.
  std::shared_ptr<const script_run_request> keep(script_run_request what);

  /// All wishes of one request. False: too many wait already, and none of them is taken.
  bool ask(std::vector<script_wish> wishes);
  bool run_alone(own_run_wish wish);

  /// Nothing is begun until it is known which runs of an earlier process are still at work; they have their places.
  void wait_for_earlier();

  /// Seconds after which a refused client may come again.
  long retry_after_s() const;

private:
  /// A run and all who wait for it.
  struct flight {
    std::string key;
    std::string name;
    std::string digest; ///< of the script that was asked for
    std::shared_ptr<const script_run_request> what;
    bool is_shared = true;
    bool is_kept = true;
    std::vector<script_wish> askers;
  };
  using flight_ptr = std::shared_ptr<flight>;

  std::string key_of(const std::string& name, const known_script& script, const script_run_request& what) const;
  std::optional<run_answer> in_cache(const std::string& key);
  flight_ptr make_flight(script_wish wish, const known_script& script, std::string key);
  bool begin(const flight_ptr& of);
  void ended(const flight_ptr& of, const std::string& digest, const std::string& task, const run_outcome& how);
  void answer(const flight_ptr& of, const run_outcome& how, const std::string& task);
  void await_earlier(const json& runs);
  script_run_plan plan_of(const std::string& name, const known_script& script, const script_run_request& what) const;

  script_world& world_;
  std::unordered_map<std::string, flight_ptr> flights_; ///< those that others may join
  std::shared_ptr<std::atomic<std::size_t>> kept_bytes_ = std::make_shared<std::atomic<std::size_t>>(0);
  double mean_run_s_ = 0.1;
};

} // namespace troupe
