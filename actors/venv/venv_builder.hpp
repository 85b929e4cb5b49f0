#pragma once

#include <actors/venv/venv_job.hpp>
#include <actors/venv/venv_ports.hpp>
#include <actors/venv/venv_requests.hpp>

#include <runtime/venv/venv_folder.hpp>
#include <runtime/venv/venv_users.hpp>

#include <troupe/actor.hpp>

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace troupe {

/// Makes, changes, lends and removes virtual environments. What is asked of one environment is done in the order of its
/// coming, one change at a time; different environments are built side by side. It never waits: a build is a row of
/// observer runs that come back through a poster.
class venv_builder : public actor {
public:
  explicit venv_builder(const venv_ports& ports) : ports_(ports), folder_(ports.folder) {}

  static void describe(class_builder<venv_builder>& table);

  async<> pre_run() override;
  async<> moved() override;
  async<> exit() override;
  std::string stays() const override;
  json save() const override;
  void restore(const json& state) override;

private:
  enum class wish_kind { acquire, create, install, erase, clean_up };

  /// Something asked of one environment that waits for its turn.
  struct wish {
    wish_kind kind;
    venv_request what;
    responder answer;
  };

  /// One environment that is being changed, or waited for.
  struct place {
    std::shared_ptr<venv_job> job;
    std::deque<wish> queue;
  };

  reply start(const message& what);
  reply create(const message& what);
  reply install(const message& what);
  reply install_latest(const message& what);
  reply list(const message& what);
  reply list_spec(const message& what);
  reply erase(const message& what);
  reply get(const message& what);
  reply list_all();
  reply acquire(const message& what);
  reply release(const message& what);
  reply actor_is_down(const message& what);
  reply actor_is_unknown(const message& what);
  reply is_noted() { return reply::done(); }

  /// A wish of a message that waits for its answer; `bad_request` at once for what is malformed.
  reply answer_later(wish_kind kind, std::expected<venv_request, reply> what);
  void queue_up(wish_kind kind, venv_request what, responder answer);
  reply install_packages(const message& what, bool latest);
  reply list_packages(const message& what, bool with_versions);

  /// Serves what waits for an environment as far as it can be served now.
  void serve(const std::string& name);
  /// Each returns false if a change has begun, whose end serves on.
  bool serve_acquire(wish& one);
  bool serve_create(wish& one);
  bool serve_install(wish& one);
  void serve_erase(wish& one);
  void begin(const std::string& name, venv_change what);
  void begin_creation(const std::string& name);
  void change_ended(const std::string& name, const venv_change_end& how);
  void creation_failed(const std::string& name, const json& why);
  void tell_progress(const std::string& name, const std::vector<std::string>& lines);
  void tell_progress_to(const wish& one, const venv_job& job, const std::vector<std::string>& lines);

  /// Whether a use of it may begin a creation: it is not there, or its creation was cut.
  bool may_be_made_unasked(const std::string& name) const;
  json why_not_ready(const std::string& name) const;
  json state_of(const std::string& name) const;
  void let_go(const std::string& name, const std::string& run);
  void actor_is_gone(const std::string& actor);
  void watch_actor(const std::string& actor);
  void sweep();

  const venv_ports ports_;
  const venv_folder folder_;
  venv_users users_;
  std::map<std::string, place> places_;
  std::map<std::string, json> last_failures_; ///< of changes that left their environment as it was
  std::set<std::string> watched_;
  std::shared_ptr<run> sweeping_;
  bool sweep_again_ = false;
  unsigned sweeps_ = 0;
};

/// The class `VenvBuilder` of the package `troupe`.
class_info make_venv_builder_class(venv_ports ports);

} // namespace troupe
