#include "web/routes/problem.hpp"

#include "runtime/text_json/text_json.hpp"

#include <string_view>

namespace troupe {

const char* reason_phrase(unsigned status) noexcept {
  switch (status) {
  case 200: return "OK";
  case 201: return "Created";
  case 202: return "Accepted";
  case 204: return "No Content";
  case 206: return "Partial Content";
  case 303: return "See Other";
  case 304: return "Not Modified";
  case 308: return "Permanent Redirect";
  case 400: return "Bad Request";
  case 401: return "Unauthorized";
  case 403: return "Forbidden";
  case 404: return "Not Found";
  case 405: return "Method Not Allowed";
  case 408: return "Request Timeout";
  case 409: return "Conflict";
  case 410: return "Gone";
  case 412: return "Precondition Failed";
  case 413: return "Content Too Large";
  case 414: return "URI Too Long";
  case 415: return "Unsupported Media Type";
  case 416: return "Range Not Satisfiable";
  case 417: return "Expectation Failed";
  case 421: return "Misdirected Request";
  case 422: return "Unprocessable Content";
  case 426: return "Upgrade Required";
  case 429: return "Too Many Requests";
  case 431: return "Request Header Fields Too Large";
  case 500: return "Internal Server Error";
  case 501: return "Not Implemented";
  case 502: return "Bad Gateway";
  case 503: return "Service Unavailable";
  case 504: return "Gateway Timeout";
  case 505: return "HTTP Version Not Supported";
  default: return "Error";
  }
}

http_response problem(unsigned status, std::string detail) {
  const json body{{"type", "about:blank"}, {"title", reason_phrase(status)}, {"status", status}, {"detail", detail}};
  http_response out;
  out.status = status;
  out.content_type = "application/problem+json";
  out.body = body.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  if (status == 401) {
    out.fields.push_back({"WWW-Authenticate", "Bearer realm=\"troupe\""});
  }
  return out;
}

unsigned http_status(error_code code) noexcept {
  switch (code) {
  case error_code::bad_request: return 400;
  case error_code::not_found: return 404;
  case error_code::name_taken:
  case error_code::conflict: return 409;
  case error_code::mailbox_full: return 429;
  case error_code::too_large: return 413;
  case error_code::access_denied: return 403;
  case error_code::actor_failed: return 502;
  case error_code::timed_out: return 504;
  case error_code::unavailable: return 503;
  case error_code::not_supported: return 501;
  case error_code::package_error: return 422;
  case error_code::io_error:
  case error_code::internal: break;
  }
  return 500;
}

http_response problem(const error& why) { return problem(http_status(why.code), why.text); }

namespace {

unsigned status_of_answer(std::string_view command) {
  return command == "timer"                ? 504
         : command == "actor_is_not_found" ? 404
         : command == "bad_request"        ? 400
         : command == "task_is_rejected"   ? 422
         : command == "is_not_handled"     ? 501
         : command == "mailbox_full"       ? 429
         : command == "access_denied"      ? 403
         : command == "too_large"          ? 413
                                           : 502;
}

} // namespace

http_response problem_of_answer(const message& answer, const std::string& attempted) {
  return problem_of_answer(status_of_answer(answer.command()), answer, attempted);
}

http_response problem_of_answer(unsigned status, const message& answer, const std::string& attempted) {
  const json& body = answer.body();
  std::string why = answer.is("timer") ? "no answer came in time" : "the answer was `" + answer.command() + "`";
  if (body.is_object()) {
    if (const auto reason = body.find("reason"); reason != body.end() && reason->is_string()) {
      why += ": " + reason->get<std::string>();
    } else if (answer.is("bad_request") && body.contains("field") && body.contains("expected")) {
      why += ": field " + body["field"].dump(-1, ' ', false, json::error_handler_t::replace) + ", expected " +
             body["expected"].dump(-1, ' ', false, json::error_handler_t::replace);
    }
  }
  return problem(status, attempted + " failed: " + why);
}

http_response json_response(unsigned status, const json& body) {
  auto text = dump_text_json(body);
  if (!text) {
    return problem(500, "the answer cannot be written: " + text.error().text);
  }
  http_response out;
  out.status = status;
  out.content_type = "application/json";
  out.body = std::move(*text);
  out.body += '\n';
  return out;
}

} // namespace troupe
