#pragma once

#include "runtime/listener/listener.hpp"

#include <troupe/actor.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace troupe {

/// What the class needs from the program. Outlives every actor of the class.
struct script_server_ports {
  listener* doors = nullptr;
};

/// The script server as an actor: opens its port on `start`, closes it on `stop` and at its end, opens it again where it was
/// moved to. Every opening is reported to the head with `service_is_ready`.
class script_server_actor final : public actor {
public:
  explicit script_server_actor(script_server_ports ports) : ports_(ports) {}

  static void describe(class_builder<script_server_actor>& table);

  async<> moved() override;
  async<> exit() override;
  json save() const override { return json{{"open", should_be_open_}}; }
  void restore(const json& state) override;

private:
  reply start();
  reply stop();
  result<> open();

  static constexpr std::int64_t default_port = 3000;

  script_server_ports ports_;
  std::int64_t port_ = default_port;
  std::string host_ = "127.0.0.1";

  std::unique_ptr<open_listener> open_;
  listener_options opened_with_;
  bool should_be_open_ = false; ///< travels with the actor
};

/// The class `ScriptServer` of package `troupe`.
class_info make_script_server_class(script_server_ports ports);

} // namespace troupe
