#pragma once

#include <actors/application/application_desk.hpp>

#include <runtime/door/door.hpp>

#include <troupe/actor.hpp>

#include <functional>
#include <string>

namespace troupe {

/// What both classes need from the program. Outlives every actor of them.
struct application_ports {
  application_desk* desk = nullptr;
  door* actors = nullptr;
};

/// The applications of a system over messages; one actor of the system, by the name `applications`. All it knows is on
/// disk, so it can be anywhere on the host and may be made anew at any time. The answers are in docs/protocol.md; what
/// cannot be done is `application_is_refused` {error, reason}.
class applications_actor final : public actor {
public:
  explicit applications_actor(application_ports ports) : ports_(ports) {}
  static void describe(class_builder<applications_actor>& table);
  async<> pre_run() override;
  async<> moved() override { return pre_run(); }

private:
  reply list_applications(const message& what);
  reply create_application(const message& what);
  reply get_application(const message& what);
  reply change_application(const message& what);
  reply delete_application(const message& what);
  reply list_files(const message& what);
  reply read_file(const message& what);
  reply write_file(const message& what);
  reply move_file(const message& what);
  reply delete_file(const message& what);
  reply make_folder(const message& what);
  reply mark_executable(const message& what);
  reply unmark_executable(const message& what);
  reply run_script(const message& what);
  reply open_application(const message& what);
  reply pass_on(const message& what);

  /// Answers with what `work` gives, which is done at the desk; `then` follows in the actor's turn.
  reply at_desk(std::function<reply(const application_store&)> work, std::function<void(const reply&)> then = {});
  void tell_actor(const std::string& id, const char* what);
  void start_task(const json& start, const responder& tell);
  void open_actor(const std::string& id, std::function<void(const std::string& problem)> done);

  application_ports ports_;
  poster post_;
};

class_info make_applications_class(application_ports ports);

/// What a failure of the store is called in a message.
reply application_refusal(const error& why);

} // namespace troupe
