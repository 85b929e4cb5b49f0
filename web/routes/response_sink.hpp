#pragma once

#include "web/routes/http_types.hpp"

#include <functional>
#include <memory>
#include <string>

namespace troupe {

/// Where the answer to one request goes: either `respond` once, or `begin`, any number of `write`, `end`. To be used on
/// the web server's thread. A sink that is dropped unanswered answers 500; one whose client is gone swallows everything.
class response_sink {
public:
  virtual ~response_sink() = default;

  virtual void respond(http_response whole) = 0;

  /// The head of a stream.
  virtual void begin(http_response head) = 0;
  /// One piece of a stream. `done(true)` when the client can take more, `done(false)` when it is gone; until then no
  /// other call.
  virtual void write(std::string piece, std::function<void(bool)> done) = 0;
  virtual void end() = 0;

  /// Instead of an answer, to a websocket's opening that was checked: the connection is joined to that task's socket.
  virtual void join(const std::string& task) = 0;

  /// False when the client has gone.
  virtual bool is_open() const = 0;
};

using sink_ptr = std::shared_ptr<response_sink>;

} // namespace troupe
