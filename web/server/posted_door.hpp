#pragma once

#include "runtime/door/door.hpp"
#include "web/port/loop_gate.hpp"

#include <memory>
#include <utility>

namespace troupe {

/// A door whose answers arrive on the web server's thread.
class posted_door final : public door {
public:
  posted_door(door& inner, std::shared_ptr<loop_gate> gate) : inner_(inner), gate_(std::move(gate)) {}

  const std::string& system() const noexcept override { return inner_.system(); }
  const std::string& node() const noexcept override { return inner_.node(); }
  const std::string& head() const noexcept override { return inner_.head(); }
  result<> send(request what) override { return inner_.send(std::move(what)); }

  void ask(request what, std::function<void(message_ptr)> done) override {
    inner_.ask(std::move(what), [gate = gate_, done = std::move(done)](message_ptr answer) mutable {
      gate->post([done = std::move(done), answer = std::move(answer)]() mutable { done(std::move(answer)); });
    });
  }

private:
  door& inner_;
  std::shared_ptr<loop_gate> gate_;
};

} // namespace troupe
