#include "actors/ws_bridge/ws_bridge.hpp"

#include <stdexcept>
#include <utility>

namespace troupe {

void ws_bridge::describe(class_builder<ws_bridge>& table) {
  table.doc("The bridge: websockets of other programs and tasks to the socket of a task.")
    .on("start", &ws_bridge::start, "Opens the port: `started` {address} or `not_started` {reason}.")
    .on("stop", &ws_bridge::stop, "Closes it: `stopped`.")
    .param("port", &ws_bridge::port_, "The port to listen on; 0: any free one.")
    .param("host", &ws_bridge::host_, "The address to listen on; who comes from another machine needs the token.");
}

result<> ws_bridge::open() {
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
  const json facts{{"service", "bridge"}, {"address", open_->address()}};
  if (auto sent = ctx().send(address{ctx().head()}, "service_is_ready", facts); !sent) {
    ctx().log(log_level::warning, "the head was not told that the bridge is open: " + sent.error().text);
  }
  return {};
}

reply ws_bridge::start() {
  const auto opened = open();
  return opened ? reply{"started", json{{"address", open_->address()}}}
                : reply{"not_started", json{{"reason", opened.error().text}}};
}

reply ws_bridge::stop() {
  open_.reset();
  should_be_open_ = false;
  return {"stopped"};
}

/// The port is free once the object at the source is gone, which may be a moment after this one begins.
async<> ws_bridge::moved() {
  constexpr int most_tries = 100;
  constexpr seconds pause{0.02};
  for (int left = most_tries; should_be_open_; --left) {
    const auto opened = open();
    if (opened) {
      break;
    }
    should_be_open_ = true;
    if (left == 0) {
      throw std::runtime_error("the bridge could not open its port here: " + opened.error().text);
    }
    co_await ctx().sleep(pause);
  }
}

async<> ws_bridge::exit() {
  open_.reset();
  return {};
}

void ws_bridge::restore(const json& state) {
  const auto found = state.find("open");
  should_be_open_ = found != state.end() && *found == true;
  if (should_be_open_ && ports_.doors == nullptr) {
    throw std::runtime_error("this process has no web server for an open bridge");
  }
}

class_info make_ws_bridge_class(ws_bridge_ports ports) {
  return describe_class<ws_bridge>("WsBridge", [ports] { return std::make_unique<ws_bridge>(ports); });
}

} // namespace troupe
