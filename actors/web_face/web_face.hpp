#pragma once

#include "runtime/listener/listener.hpp"

#include <troupe/actor.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace troupe {

/// What the class needs from the program. Outlives every actor of the class.
struct web_face_ports {
  listener* doors = nullptr;
};

/// The gateway as an actor: opens the HTTP door on `start`, closes it on `stop` and at its end, opens it again where it
/// was moved to. Every opening is reported to the head with `service_is_ready`.
class web_face final : public actor {
public:
  explicit web_face(web_face_ports ports) : ports_(ports) {}

  static void describe(class_builder<web_face>& table);

  async<> moved() override;
  async<> exit() override;
  json save() const override;
  void restore(const json& state) override;

private:
  reply start();
  reply stop();
  result<listener_options> wish() const;

  static constexpr std::int64_t default_port = 9090;

  web_face_ports ports_;
  std::optional<std::int64_t> port_;
  std::optional<std::int64_t> http_port_;
  std::string host_ = "127.0.0.1";
  std::int64_t page_size_ = 5;

  std::unique_ptr<open_listener> open_;
  listener_options opened_with_;
  bool should_be_open_ = false; ///< travels with the actor
};

/// The class `WebFace` of package `troupe`.
class_info make_web_face_class(web_face_ports ports);

} // namespace troupe
