#pragma once

#include "runtime/applications/web_exchange.hpp"
#include "web/routes/response_sink.hpp"
#include "web/routes/web_world.hpp"

#include <functional>
#include <string>

namespace troupe {

/// One request on its way to a web handler: to the actor of its application, which is made if it is not there.
struct handler_wish {
  std::string application;
  std::string handler;
  double timeout_s = 30; ///< of the handler
  bool is_socket = false;
  bool tells_reasons = false; ///< whether who asks may learn why a handler failed
  web_question question;
};

/// `done` gets the answer of the actor, or what stands for it.
void call_handler(web_world& world, handler_wish what, std::function<void(message_ptr)> done);

/// The answer to the client.
http_response response_of_handler(const message& answer, const handler_wish& what);

} // namespace troupe
