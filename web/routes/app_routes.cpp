#include "web/routes/app_routes.hpp"

#include "web/routes/app_policy.hpp"
#include "web/routes/cookies.hpp"
#include "web/routes/file_stream.hpp"
#include "web/routes/problem.hpp"
#include "web/routes/static_reply.hpp"
#include "web/routes/uri.hpp"
#include "web/routes/ws_handshake.hpp"

#include "runtime/applications/application_names.hpp"

#include <utility>

namespace troupe {
namespace {

constexpr std::size_t max_body = 16u << 20;
constexpr std::size_t max_strangers_body = 1u << 20;
constexpr std::size_t max_unknown_body = 64u << 10; ///< before it is known whether an application is public
constexpr std::uint64_t most_at_once = 1u << 20;    ///< of a file in memory

struct place_name {
  std::string id;
  std::string key;
};

place_name place_of(const std::string& part) {
  const auto mark = part.find('~');
  return mark == std::string::npos ? place_name{part, {}} : place_name{part.substr(0, mark), part.substr(mark + 1)};
}

bool is_reading(const http_request& request) { return request.method == "GET" || request.method == "HEAD"; }

bool wants_socket(const http_request& request) { return request.count("upgrade") > 0; }

http_response not_there() { return problem(404, "the application has no such page and no such web handler"); }

http_response moved_to(std::string where) { return {308, "", "", {{"Location", std::move(where)}}}; }

std::string query_of(const http_request& request) {
  const auto mark = request.target.find('?');
  return mark == std::string::npos ? std::string{} : request.target.substr(mark);
}

} // namespace

void app_routes::add_to(route_table& table) {
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    for (const auto& [pattern, takes_rest] : {std::pair{"/app/{id}", false}, std::pair{"/app/{id}/{path}", true}}) {
      route one;
      one.method = method;
      one.pattern = pattern;
      one.access = route_access::own_rule;
      one.max_body = std::string_view(method) == "GET" ? 0 : max_body;
      one.run = [this](route_call call) { open(std::move(call)); };
      one.takes_rest = takes_rest;
      one.admit = [this](const http_request& request, const std::vector<std::string>& parts, const body_plan& body) {
        return admit(request, parts, body);
      };
      table.add(std::move(one));
    }
  }
}

bool app_routes::is_live_key(const std::string& key, const std::string& id) const {
  return keys_.opens(key, id, [this](const std::string& session) { return world_.access.is_session(session); });
}

std::optional<http_response> app_routes::admit(const http_request& request, const std::vector<std::string>& parts,
                                               const body_plan& body) {
  const auto place = place_of(parts.at(0));
  if (!place.key.empty()) {
    return is_live_key(place.key, place.id) ? std::nullopt
                                            : std::optional{problem(403, "the key in this address is over; open the page anew")};
  }
  if (request.caller != caller_kind::stranger) {
    return std::nullopt;
  }
  const auto known = index_.find(place.id);
  if (known && !known->settings.is_public) {
    return request.is_foreign ? problem(403, "requests from pages of another origin are refused")
                              : problem(401, "log in with the address that `troupe status` prints, or send `Authorization: "
                                             "Bearer <token>`; the application is not public");
  }
  const auto most = known ? max_strangers_body : max_unknown_body;
  if (body.length > most || (body.chunked && !known)) {
    return problem(413, "without a login the body may have at most " + std::to_string(most) + " bytes");
  }
  return std::nullopt;
}

void app_routes::respond(const visit& who, http_response what) const {
  add_app_policy(who.request, what);
  who.sink->respond(std::move(what));
}

void app_routes::open(route_call call) {
  auto place = place_of(call.parts.at(0));
  auto who = std::make_shared<visit>();
  who->has_rest = call.parts.size() > 1;
  who->rest = who->has_rest ? std::move(call.parts[1]) : std::string{};
  who->id = std::move(place.id);
  who->key = std::move(place.key);
  const bool is_trusted = !who->key.empty() || call.request.caller != caller_kind::stranger;
  who->who = is_trusted ? visitor::trusted : visitor::stranger;
  who->is_session = who->key.empty() && call.request.caller == caller_kind::session;
  who->request = std::move(call.request);
  who->sink = std::move(call.sink);
  if (auto known = index_.find(who->id)) {
    enter(who, known);
    return;
  }
  if (!is_short_id(who->id, application_id_length)) {
    respond(*who, problem(is_trusted ? 404 : 401, "there is no such application, or it is not public"));
    return;
  }
  desk_.in_background(who->sink, who->request.body.size(), [this, who](const application_store& store) {
    auto found = load_served_application(store, who->id);
    return [this, who, found = std::move(found)] {
      if (found) {
        index_.keep(*found);
        enter(who, *found);
        return;
      }
      // Strangers are not told which applications there are.
      respond(*who, who->who == visitor::trusted ? problem(found.error())
                                                 : problem(401, "there is no such application, or it is not public"));
    };
  });
}

void app_routes::enter(const visit_ptr& who, const app_ptr& app) {
  const auto& request = who->request;
  if (who->who == visitor::stranger && !app->settings.is_public) {
    respond(*who, problem(request.is_foreign ? 403 : 401, "there is no such application, or it is not public"));
    return;
  }
  if (request.method == "OPTIONS" && request.count("access-control-request-method") > 0) {
    http_response leave{204, "", "", {{"Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE"},
                                      {"Access-Control-Allow-Headers", std::string(request.field("access-control-request-headers"))},
                                      {"Access-Control-Max-Age", "600"}}};
    respond(*who, std::move(leave));
    return;
  }
  if (!who->has_rest) {
    respond(*who, moved_to(request.path + "/" + query_of(request)));
    return;
  }
  if (lead_to_key(*who, app)) {
    return;
  }
  if (app->has_static && is_reading(request) && !wants_socket(request)) {
    serve_static(who, app);
  } else {
    serve_handler(who, app);
  }
}

/// A browser with a session goes on with a key, which the page's own requests carry too.
bool app_routes::lead_to_key(const visit& who, const app_ptr& app) {
  const auto& request = who.request;
  if (!who.is_session || app->settings.is_public || !is_reading(request) || request.field("sec-fetch-mode") != "navigate") {
    return false;
  }
  for (const auto& session : cookie_values(request, world_.cookie)) {
    if (world_.access.is_session(session)) {
      const auto behind = request.target.find('/', std::string_view("/app/").size());
      const auto rest = behind == std::string::npos ? std::string{"/"} : request.target.substr(behind);
      respond(who, {303, "", "", {{"Location", "/app/" + who.id + "~" + keys_.key_for(who.id, session) + rest}}});
      return true;
    }
  }
  return false;
}

void app_routes::serve_static(const visit_ptr& who, const app_ptr& app) {
  auto path = who->rest;
  if (path.empty() || path.ends_with('/')) {
    path += "index.html";
  }
  auto own = parts_of_file_path(path);
  if (!own) {
    serve_handler(who, app);
    return;
  }
  auto parts = app->static_folder;
  parts.insert(parts.end(), own->begin(), own->end());
  auto found = open_beneath(app->folder.get(), parts, disk_patience::none);
  if (found || found.error().code != error_code::unavailable) {
    on_file(who, app, std::move(found), std::move(*own));
    return;
  }
  desk_.in_background(who->sink, who->request.body.size(), [this, who, app, parts, own = std::move(*own)](const application_store&) {
    // shared, since functions are copied
    auto late = std::make_shared<result<beneath_entry>>(open_beneath(app->folder.get(), parts, disk_patience::all));
    return [this, who, app, late, own] { on_file(who, app, std::move(*late), own); };
  });
}

void app_routes::on_file(const visit_ptr& who, const app_ptr& app, result<beneath_entry> found,
                         std::vector<std::string> parts) {
  if (!found) {
    if (found.error().code == error_code::not_found) {
      serve_handler(who, app);
    } else {
      respond(*who, problem(503, found.error().text));
    }
  } else if (found->is_folder) {
    respond(*who, moved_to(who->request.path + "/" + query_of(who->request)));
  } else {
    send_file(who, std::move(*found), parts.back());
  }
}

void app_routes::send_file(const visit_ptr& who, beneath_entry file, const std::string& name) {
  auto answer = answer_for_file(who->request, {name, file.size, file.modified_s, file.tag});
  if (answer.length == 0 || answer.head.status >= 300) {
    respond(*who, std::move(answer.head));
    return;
  }
  if (answer.length <= most_at_once) {
    auto content = read_at(file.fd.get(), answer.from, static_cast<std::size_t>(answer.length), disk_patience::none);
    if (content && content->size() == answer.length) {
      answer.head.body = std::move(*content);
      respond(*who, std::move(answer.head));
      return;
    }
  }
  add_app_policy(who->request, answer.head);
  answer.head.fields.push_back({"Content-Length", std::to_string(answer.length)});
  const bool only_head = who->request.method == "HEAD";
  file_stream::start(world_, std::move(file.fd), answer.from, only_head ? 0 : answer.length, std::move(answer.head), who->sink);
}

void app_routes::serve_handler(const visit_ptr& who, const app_ptr& app) {
  const auto stop = who->rest.find('/');
  const auto name = who->rest.substr(0, stop);
  const auto declared = app->settings.handlers.find(name);
  if (declared == app->settings.handlers.end()) {
    respond(*who, not_there());
    return;
  }
  auto& request = who->request;
  handler_wish wish;
  wish.application = who->id;
  wish.handler = name;
  wish.timeout_s = declared->second.timeout_s;
  wish.tells_reasons = who->who == visitor::trusted;
  wish.is_socket = wants_socket(request);
  if (wish.is_socket) {
    if (const auto refusal = check_ws_handshake(request, true)) {
      respond(*who, problem(refusal->status, refusal->detail));
      return;
    }
  }
  wish.question.method = request.method;
  wish.question.path = stop == std::string::npos ? std::string{} : who->rest.substr(stop);
  wish.question.query = request.query;
  wish.question.body = std::move(request.body);
  for (const auto& field : request.fields) {
    if (is_for_handler(field.name)) {
      wish.question.headers.emplace_back(field.name, field.value);
    }
  }
  auto answer_to = wish;
  answer_to.question = {};
  call_handler(world_, std::move(wish), [this, who, answer_to](message_ptr answer) {
    if (answer->is("socket_is_open") && answer->body().is_object()) {
      who->sink->join(answer->body().value("pid", std::string{}));
      return;
    }
    respond(*who, response_of_handler(*answer, answer_to));
  });
}

} // namespace troupe
