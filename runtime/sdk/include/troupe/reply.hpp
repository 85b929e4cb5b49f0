#pragma once

#include <troupe/json.hpp>

#include <string>
#include <utility>

namespace troupe {

/// What a handler says about a message: the answer's command and body. It is sent only if the message wants an answer.
class reply {
public:
  enum class kind {
    answer, ///< `command` and `body` go to the asker
    later,  ///< the handler keeps a `responder` and answers through it
    thrown, ///< `answer` with `actor_has_failed`, made of an exception: what is to become of the actor is decided too
  };

  reply(std::string command, json body = nullptr) : command_(std::move(command)), body_(std::move(body)) {}
  reply(const char* command, json body = nullptr) : command_(command), body_(std::move(body)) {}

  /// Handled, and there is nothing to say: the asker of such a command gets `done`.
  static reply done() { return {"done"}; }

  /// The handler answers later through `context::promise`.
  static reply later() {
    reply out{""};
    out.kind_ = kind::later;
    return out;
  }

  /// The actor does not know this command; the engine adds `{mid}`.
  static reply not_handled() { return {"is_not_handled"}; }

  /// The body has a wrong shape: which field, and what belongs there.
  static reply bad_request(std::string field, std::string expected) {
    return {"bad_request", json{{"field", std::move(field)}, {"expected", std::move(expected)}}};
  }

  /// An answer like another: the actor itself is well.
  static reply failed(std::string reason) { return {"actor_has_failed", json{{"reason", std::move(reason)}}}; }

  /// What the SDK makes of an exception of a handler: the actor's `on_failure` decides what becomes of it.
  static reply thrown(std::string reason) {
    auto out = failed(std::move(reason));
    out.kind_ = kind::thrown;
    return out;
  }

  kind what() const noexcept { return kind_; }
  const std::string& command() const noexcept { return command_; }
  const json& body() const noexcept { return body_; }
  json& body() noexcept { return body_; }

private:
  kind kind_ = kind::answer;
  std::string command_;
  json body_;
};

} // namespace troupe
