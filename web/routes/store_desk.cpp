#include "web/routes/store_desk.hpp"

#include "runtime/applications/application_store.hpp"
#include "runtime/text_json/text_json.hpp"
#include "web/routes/problem.hpp"
#include "web/routes/route_table.hpp"

#include <utility>

namespace troupe {

void store_desk::in_background(const sink_ptr& sink, std::size_t bytes,
                               std::function<std::function<void()>(const application_store&)> work) {
  if (world_.applications == nullptr || world_.background == nullptr) {
    sink->respond(problem(501, "this gateway keeps no applications"));
    return;
  }
  if (!world_.background->run(bytes, [work = std::move(work), store = world_.applications] { return work(*store); })) {
    sink->respond(problem(503, "too many requests wait for the disk; ask again later"));
  }
}

void store_desk::answer(const sink_ptr& sink, std::size_t bytes, store_work work) {
  in_background(sink, bytes, [sink, work = std::move(work)](const application_store& store) {
    return [sink, response = work(store)] { sink->respond(response); };
  });
}

std::optional<json> object_of(const route_call& call) {
  auto parsed = parse_text_json(call.request.body);
  if (!parsed || !parsed->is_object()) {
    call.sink->respond(problem(400, parsed ? "the body must be a JSON object" : parsed.error().text));
    return std::nullopt;
  }
  return std::move(*parsed);
}

} // namespace troupe
