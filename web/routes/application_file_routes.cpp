#include "web/routes/application_file_routes.hpp"

#include "runtime/applications/application_json.hpp"
#include "web/routes/problem.hpp"

#include <memory>
#include <utility>

namespace troupe {
namespace {

constexpr std::size_t max_move_body = 16u << 10;

std::string quoted(const std::string& version) { return "\"" + version + "\""; }

/// What `If-Match` and `If-None-Match` say about the file as it is; nothing if they say what is not understood.
std::optional<file_expectation> expectation_of(const http_request& request) {
  file_expectation out;
  if (request.count("if-match") > 0) {
    const auto value = request.field("if-match");
    const bool is_one = value.size() > 2 && value.front() == '"' && value.back() == '"' &&
                        value.substr(1, value.size() - 2).find_first_of("\",") == std::string_view::npos;
    if (request.count("if-match") > 1 || (value != "*" && !is_one)) {
      return std::nullopt;
    }
    out.version = is_one ? value.substr(1, value.size() - 2) : value;
  }
  if (request.count("if-none-match") > 0) {
    if (request.field("if-none-match") != "*" || !out.version.empty()) {
      return std::nullopt;
    }
    out.must_be_absent = true;
  }
  return out;
}

http_response expectation_refusal() {
  return problem(400, "a change takes `If-Match: \"version\"`, `If-Match: *` or `If-None-Match: *`, one of them");
}

http_response stale(const std::string& path, const std::string& version) {
  auto out = problem(412, version.empty() ? "the file " + path + " is not there"
                                          : "the file " + path + " is another one by now; its version is " + version);
  if (!version.empty()) {
    out.fields.push_back({"ETag", quoted(version)});
  }
  return out;
}

bool has_flag(const http_request& request, std::string_view name) {
  const auto* value = request.query_value(name);
  return value != nullptr && (value->empty() || *value == "true" || *value == "1");
}

} // namespace

void application_file_routes::add_to(route_table& table) {
  const auto add = [&](const char* method, const std::string& rest, std::size_t most,
                       void (application_file_routes::*run)(route_call), bool takes_rest = false) {
    table.add({method, "/api/v1/applications/{id}" + rest, route_access::logged_in, most,
               [this, run](route_call call) { (this->*run)(std::move(call)); }, takes_rest});
  };
  add("GET", "/files", 0, &application_file_routes::list);
  add("GET", "/files/{path}", 0, &application_file_routes::read, true);
  add("PUT", "/files/{path}", application_store::most_file_bytes, &application_file_routes::write, true);
  add("DELETE", "/files/{path}", 0, &application_file_routes::remove, true);
  add("POST", "/move", max_move_body, &application_file_routes::move);
}

void application_file_routes::list(route_call call) {
  const auto* below = call.request.query_value("below");
  desk_.answer(call.sink, 0,
               [id = call.parts[0], folder = below == nullptr ? std::string{} : *below](const application_store& store) {
                 const auto files = store.files(id);
                 return files ? json_response(200, listing_to_json(*files, folder)) : problem(files.error());
               });
}

void application_file_routes::read(route_call call) {
  desk_.answer(call.sink, 0,
               [id = call.parts[0], path = call.parts[1],
                known = std::string(call.request.field("if-none-match"))](const application_store& store) {
                 auto content = store.read_file(id, path);
                 if (!content) {
                   return problem(content.error());
                 }
                 const auto tag = quoted(content_version(*content));
                 http_response out{200, "application/octet-stream", std::move(*content), {{"ETag", tag}}};
                 if (known == tag) {
                   out = {304, "", "", {{"ETag", tag}}};
                 }
                 return out;
               });
}

void application_file_routes::write(route_call call) {
  if (const auto* type = call.request.query_value("type"); type != nullptr) {
    if (*type != "folder" || !call.request.body.empty()) {
      call.sink->respond(problem(400, "`type` can be `folder`, with an empty body"));
      return;
    }
    make_folder(std::move(call));
    return;
  }
  const auto expected = expectation_of(call.request);
  if (!expected) {
    call.sink->respond(expectation_refusal());
    return;
  }
  const auto bytes = call.request.body.size();
  // shared, since the work is copied
  auto content = std::make_shared<const std::string>(std::move(call.request.body));
  desk_.answer(call.sink, bytes,
               [id = call.parts[0], path = call.parts[1], where = call.request.path, content,
                expected = *expected](const application_store& store) {
                 const auto done = store.write_file(id, path, *content, expected);
                 if (!done) {
                   return problem(done.error());
                 }
                 if (done->is_stale) {
                   return stale(path, done->version);
                 }
                 http_response out{204, "", "", {{"ETag", quoted(done->version)}}};
                 if (done->is_new) {
                   out = {201, "", "", {{"Location", where}, {"ETag", quoted(done->version)}}};
                 }
                 return out;
               });
}

void application_file_routes::make_folder(route_call call) {
  desk_.answer(call.sink, 0,
               [id = call.parts[0], path = call.parts[1], where = call.request.path](const application_store& store) {
                 const auto done = store.make_folder(id, path);
                 return done ? http_response{201, "", "", {{"Location", where}}} : problem(done.error());
               });
}

void application_file_routes::remove(route_call call) {
  const auto expected = expectation_of(call.request);
  if (!expected) {
    call.sink->respond(expectation_refusal());
    return;
  }
  desk_.answer(call.sink, 0,
               [id = call.parts[0], path = call.parts[1], whole = has_flag(call.request, "recursive"),
                expected = *expected](const application_store& store) {
                 const auto done = store.remove_path(id, path, whole, expected);
                 return !done           ? problem(done.error())
                        : done->is_stale ? stale(path, done->version)
                                         : http_response{204, "", "", {}};
               });
}

void application_file_routes::move(route_call call) {
  const auto body = object_of(call);
  if (!body) {
    return;
  }
  const auto from = body->find("from");
  const auto to = body->find("to");
  if (from == body->end() || to == body->end() || !from->is_string() || !to->is_string() || body->size() != 2) {
    call.sink->respond(problem(400, "the body must be {\"from\": a path, \"to\": a path}"));
    return;
  }
  desk_.answer(call.sink, 0,
               [id = call.parts[0], from = from->get<std::string>(), to = to->get<std::string>()](
                 const application_store& store) {
                 const auto done = store.move_path(id, from, to);
                 return done ? http_response{204, "", "", {}} : problem(done.error());
               });
}

} // namespace troupe
