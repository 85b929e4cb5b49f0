#include "actors/script_server/script_server_actor.hpp"

#include <stdexcept>
#include <utility>

namespace troupe {

void script_server_actor::describe(class_builder<script_server_actor>& table) {
  table.doc("The script server: stores Python scripts and runs them over HTTP.")
    .on("start", &script_server_actor::start, "Opens the port: `started` {address} or `not_started` {reason}.")
    .on("stop", &script_server_actor::stop, "Closes it: `stopped`.")
    .param("port", &script_server_actor::port_, "The port to listen on; 0: any free one.")
    .param("host", &script_server_actor::host_, "The address to listen on; who comes from another machine needs the token.");
}

result<> script_server_actor::open() {
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
  const json facts{{"service", "scripts"}, {"address", open_->address()}};
  if (auto sent = ctx().send(address{ctx().head()}, "service_is_ready", facts); !sent) {
    ctx().log(log_level::warning, "the head was not told that the script server is open: " + sent.error().text);
  }
  return {};
}

reply script_server_actor::start() {
  const auto opened = open();
  return opened ? reply{"started", json{{"address", open_->address()}}}
                : reply{"not_started", json{{"reason", opened.error().text}}};
}

reply script_server_actor::stop() {
  open_.reset();
  should_be_open_ = false;
  return {"stopped"};
}

/// The port is free once the object at the source is gone, which may be a moment after this one begins.
async<> script_server_actor::moved() {
  constexpr int most_tries = 100;
  constexpr seconds pause{0.02};
  for (int left = most_tries; should_be_open_; --left) {
    const auto opened = open();
    if (opened) {
      break;
    }
    should_be_open_ = true;
    if (left == 0) {
      throw std::runtime_error("the script server could not open its port here: " + opened.error().text);
    }
    co_await ctx().sleep(pause);
  }
}

async<> script_server_actor::exit() {
  open_.reset();
  return {};
}

void script_server_actor::restore(const json& state) {
  const auto found = state.find("open");
  should_be_open_ = found != state.end() && *found == true;
  if (should_be_open_ && ports_.doors == nullptr) {
    throw std::runtime_error("this process has no web server for an open script server");
  }
}

class_info make_script_server_class(script_server_ports ports) {
  return describe_class<script_server_actor>("ScriptServer", [ports] { return std::make_unique<script_server_actor>(ports); });
}

} // namespace troupe
