#include "actors/web_face/web_face.hpp"

#include <stdexcept>
#include <utility>

namespace troupe {

void web_face::describe(class_builder<web_face>& table) {
  table.doc("The gateway: HTTP, websockets and the console on a loopback port.")
    .on("start", &web_face::start, "Opens the door: `started` {address} or `not_started` {reason}.")
    .on("stop", &web_face::stop, "Closes it: `stopped`.")
    .param("port", &web_face::port_, "The port to listen on; 0: any free one; null: `http_port`, else 9090.")
    .param("http_port", &web_face::http_port_, "Another name for `port`.")
    .param("host", &web_face::host_, "The loopback address to listen on.")
    .param("page_size", &web_face::page_size_, "How many members a page of the console shows.");
}

result<listener_options> web_face::wish() const {
  const std::int64_t port = port_.value_or(http_port_.value_or(default_port));
  if (port < 0 || port > 65535) {
    return fail(error_code::bad_request, "the port " + std::to_string(port) + " is not between 0 and 65535");
  }
  if (page_size_ < 1 || page_size_ > 10000) {
    return fail(error_code::bad_request, "the page_size " + std::to_string(page_size_) + " is not between 1 and 10000");
  }
  if (ports_.doors == nullptr) {
    return fail(error_code::not_supported, "this process has no web server; create the actor in the main node");
  }
  listener_options out;
  out.host = host_;
  out.port = static_cast<std::uint16_t>(port);
  out.page_size = static_cast<int>(page_size_);
  return out;
}

reply web_face::start() {
  const auto options = wish();
  if (!options) {
    return {"not_started", json{{"reason", options.error().text}}};
  }
  const bool same = options->host == opened_with_.host && options->port == opened_with_.port &&
                    options->page_size == opened_with_.page_size;
  if (open_ && same) {
    return {"started", json{{"address", open_->address()}}};
  }
  open_.reset(); // first, since the new door may want the same port
  should_be_open_ = false;
  auto opened = ports_.doors->open(*options);
  if (!opened) {
    return {"not_started", json{{"reason", opened.error().text}}};
  }
  open_ = std::move(*opened);
  opened_with_ = *options;
  should_be_open_ = true;
  json facts{{"service", "api"}, {"address", open_->address()}};
  if (auto login = open_->login(); !login.empty()) {
    facts["login"] = std::move(login);
  }
  if (auto sent = ctx().send(address{ctx().head()}, "service_is_ready", std::move(facts)); !sent) {
    ctx().log(log_level::warning, "the head was not told that the gateway is open: " + sent.error().text);
  }
  return {"started", json{{"address", open_->address()}}};
}

reply web_face::stop() {
  open_.reset();
  should_be_open_ = false;
  return {"stopped"};
}

/// The port is free once the object at the source is gone, which may be a moment after this one begins.
async<> web_face::moved() {
  constexpr int most_tries = 100;
  constexpr seconds pause{0.02};
  for (int left = most_tries; should_be_open_; --left) {
    const auto answer = start();
    if (answer.command() == "started") {
      break;
    }
    should_be_open_ = true;
    if (left == 0) {
      throw std::runtime_error("the gateway could not open its port here: " + answer.body().dump());
    }
    co_await ctx().sleep(pause);
  }
}

async<> web_face::exit() {
  open_.reset();
  return {};
}

json web_face::save() const { return json{{"open", should_be_open_}}; }

void web_face::restore(const json& state) {
  const auto found = state.find("open");
  should_be_open_ = found != state.end() && *found == true;
  if (should_be_open_ && ports_.doors == nullptr) {
    throw std::runtime_error("this process has no web server for an open gateway");
  }
}

class_info make_web_face_class(web_face_ports ports) {
  return describe_class<web_face>("WebFace", [ports] { return std::make_unique<web_face>(ports); });
}

} // namespace troupe
