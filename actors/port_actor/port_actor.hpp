#pragma once

#include "runtime/listener/listener.hpp"

#include <troupe/actor.hpp>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace troupe {

/// What the class needs from the program. Outlives every actor of the class.
struct port_actor_ports {
  listener* doors = nullptr;
};

/// A port to the outside as an actor: opens it on `start`, closes it on `stop` and at its end, opens it again where it was
/// moved to. Every opening is reported to the head with `service_is_ready`. `Kind` has `service` (its name in ready.json),
/// `name` (how it is called in messages), `doc` (of the class) and `port` (the usual one).
template <class Kind>
class port_actor final : public actor {
public:
  explicit port_actor(port_actor_ports ports) : ports_(ports) {}

  static void describe(class_builder<port_actor>& table) {
    table.doc(Kind::doc)
      .on("start", &port_actor::start, "Opens the port: `started` {address} or `not_started` {reason}.")
      .on("stop", &port_actor::stop, "Closes it: `stopped`.")
      .param("port", &port_actor::port_, "The port to listen on; 0: any free one.")
      .param("host", &port_actor::host_, "The address to listen on; who comes from another machine needs the token.");
  }

  async<> moved() override;
  async<> exit() override {
    open_.reset();
    return {};
  }
  json save() const override { return json{{"open", should_be_open_}}; }
  void restore(const json& state) override;

private:
  reply start();
  reply stop();
  result<> open();

  port_actor_ports ports_;
  std::int64_t port_ = Kind::port;
  std::string host_ = "127.0.0.1";

  std::unique_ptr<open_listener> open_;
  listener_options opened_with_;
  bool should_be_open_ = false; ///< travels with the actor
};

template <class Kind>
result<> port_actor<Kind>::open() {
  if (port_ < 0 || port_ > 65535) {
    return fail(error_code::bad_request, "the port " + std::to_string(port_) + " is not between 0 and 65535");
  }
  if (ports_.doors == nullptr) {
    return fail(error_code::not_supported, "this process has no web server; create the actor in the main node");
  }
  listener_options wish;
  wish.host = host_;
  wish.port = static_cast<std::uint16_t>(port_);
  if (open_ && wish.host == opened_with_.host && wish.port == opened_with_.port) {
    return {};
  }
  open_.reset(); // first, since the new door may want the same port
  should_be_open_ = false;
  auto opened = ports_.doors->open(wish);
  if (!opened) {
    return std::unexpected(opened.error());
  }
  open_ = std::move(*opened);
  opened_with_ = std::move(wish);
  should_be_open_ = true;
  const json facts{{"service", Kind::service}, {"address", open_->address()}};
  if (auto sent = ctx().send(address{ctx().head()}, "service_is_ready", facts); !sent) {
    ctx().log(log_level::warning, std::string("the head was not told that ") + Kind::name + " is open: " + sent.error().text);
  }
  return {};
}

template <class Kind>
reply port_actor<Kind>::start() {
  const auto opened = open();
  return opened ? reply{"started", json{{"address", open_->address()}}}
                : reply{"not_started", json{{"reason", opened.error().text}}};
}

template <class Kind>
reply port_actor<Kind>::stop() {
  open_.reset();
  should_be_open_ = false;
  return {"stopped"};
}

/// The port is free once the object at the source is gone, which may be a moment after this one begins.
template <class Kind>
async<> port_actor<Kind>::moved() {
  constexpr int most_tries = 100;
  constexpr seconds pause{0.02};
  for (int left = most_tries; should_be_open_; --left) {
    const auto opened = open();
    if (opened) {
      break;
    }
    should_be_open_ = true;
    if (left == 0) {
      throw std::runtime_error(std::string(Kind::name) + " could not open its port here: " + opened.error().text);
    }
    co_await ctx().sleep(pause);
  }
}

template <class Kind>
void port_actor<Kind>::restore(const json& state) {
  const auto found = state.find("open");
  should_be_open_ = found != state.end() && *found == true;
  if (should_be_open_ && ports_.doors == nullptr) {
    throw std::runtime_error(std::string("this process has no web server for ") + Kind::name + ", which is open");
  }
}

} // namespace troupe
