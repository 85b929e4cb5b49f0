#include "web/routes/handler_call.hpp"

#include "runtime/applications/applications_actors.hpp"
#include "web/routes/app_policy.hpp"
#include "web/routes/problem.hpp"

#include <memory>
#include <utility>

namespace troupe {
namespace {

constexpr double start_time_s = 30; ///< beside the handler's own time

struct one_call : std::enable_shared_from_this<one_call> {
  one_call(web_world& into, handler_wish wish, std::function<void(message_ptr)> tell)
    : world(into), what(std::move(wish)), done(std::move(tell)) {}

  void ask(bool may_open) {
    ++world.counters.asks;
    request question;
    question.recipient = address{application_actor_name(what.application)};
    question.command = what.is_socket ? "open_socket" : "handle_request";
    question.body = json{{"handler", what.handler}, {"request", what.question.to_json()}};
    question.timeout = seconds(what.timeout_s + start_time_s);
    world.actors.ask(std::move(question), [self = shared_from_this(), may_open](message_ptr answer) {
      if (answer->is("actor_is_not_found") && may_open) {
        self->open();
      } else {
        self->done(std::move(answer));
      }
    });
  }

  void open() {
    request question;
    question.recipient = address{applications_entity};
    question.command = "open_application";
    question.body = json{{"id", what.application}};
    question.timeout = seconds(start_time_s);
    world.actors.ask(std::move(question), [self = shared_from_this()](message_ptr answer) {
      if (answer->is("application_is_open")) {
        self->ask(false);
      } else {
        self->done(std::move(answer));
      }
    });
  }

  web_world& world;
  handler_wish what;
  std::function<void(message_ptr)> done;
};

} // namespace

void call_handler(web_world& world, handler_wish what, std::function<void(message_ptr)> done) {
  std::make_shared<one_call>(world, std::move(what), std::move(done))->ask(true);
}

http_response response_of_handler(const message& answer, const handler_wish& what) {
  if (answer.is("web_reply")) {
    const auto said = web_reply::from_json(answer.body());
    if (!said) {
      return problem(502, "the web handler gave a bad answer");
    }
    http_response out;
    out.status = said->status;
    out.body = said->body;
    for (const auto& [name, value] : said->headers) {
      if (is_for_client(name)) {
        out.fields.push_back({name, value});
      }
    }
    return out;
  }
  const auto& body = answer.body();
  unsigned status = answer.is("timer") ? 504 : 502;
  if (answer.is("handler_has_failed") && body.is_object() && body.value("status", json(nullptr)).is_number_integer()) {
    status = body["status"].get<unsigned>();
  }
  if (!what.tells_reasons) {
    return problem(status, status == 504 ? "the web handler did not answer in time" : "the web handler failed");
  }
  const auto reason = body.is_object() ? body.value("reason", json(nullptr)) : json(nullptr);
  return reason.is_string() ? problem(status, "the web handler " + what.handler + ": " + reason.get<std::string>())
                            : problem_of_answer(status, answer, "the web handler " + what.handler);
}

} // namespace troupe
