#include "witness.hpp"

#include "body.hpp"

#include <cstdlib>

#include <unistd.h>

namespace move_actors {

using troupe::json;

json identity(const troupe::context& ctx, std::int64_t births, std::int64_t moves) {
  return {{"node", ctx.node()},
          {"name", ctx.name()},
          {"package", TROUPE_PACKAGE_NAME},
          {"version", TROUPE_PACKAGE_VERSION},
          {"pid", getpid()},
          {"births", births},
          {"moves", moves}};
}

void witness::begin() {
  if (const char* folder = std::getenv("TROUPE_TEST_HISTORY")) {
    history_.open(folder, ctx().name(), ctx().node());
    history_.born();
  }
}

troupe::async<> witness::pre_run() {
  begin();
  ++births_;
  // An actor that comes back from a checkpoint does not know what it had sent after it.
  stream_ = ctx().name() + "#" + (history_.is_open() ? history_.copy() : std::to_string(births_));
  next_.clear();
  history_.stream(stream_);
  return {};
}

troupe::async<> witness::moved() {
  begin();
  ++moves_;
  history_.stream(stream_);
  return {};
}

json witness::save() const {
  return {{"stream", stream_}, {"next", next_}, {"births", births_}, {"moves", moves_}};
}

void witness::restore(const json& state) {
  stream_ = state.at("stream");
  next_ = state.at("next").get<std::map<std::string, std::uint64_t>>();
  births_ = state.at("births");
  moves_ = state.at("moves");
}

bool witness::send_noted(const std::string& to, const char* command, json body, std::uint32_t count) {
  auto& next = next_[to];
  const auto first = next + 1;
  next += count;
  history_.sent(to, first, count);
  body["stream"] = stream_;
  for (std::uint32_t i = 0; i < count; ++i) {
    body["seq"] = first + i;
    if (!ctx().send(to, command, body)) {
      history_.refused(to, first + i, count - i);
      return false;
    }
  }
  return true;
}

json witness::noted_body(const std::string& to, json body) {
  body["stream"] = stream_;
  body["seq"] = ++next_[to];
  history_.sent(to, body["seq"]);
  return body;
}

bool witness::note_answer(const std::string& to, const json& body, const troupe::message& answer) {
  const auto seq = body.at("seq").get<std::uint64_t>();
  if (answer.is("timer")) {
    history_.timed_out(to, seq);
  } else if (answer.is("mailbox_full")) {
    history_.refused(to, seq);
  } else if (answer.is("actor_has_failed") || answer.is("actor_is_not_found") || answer.is("undecided")) {
    history_.reported(to, seq);
  } else {
    history_.answered(to, seq);
    return true;
  }
  return false;
}

void witness::note_received(const troupe::message& what) {
  history_.received(field<std::string>(what, "stream", "unknown"), field<std::uint64_t>(what, "seq", 0));
}

} // namespace move_actors
