#pragma once

#include "web/routes/response_sink.hpp"
#include "web/routes/web_world.hpp"

#include <functional>
#include <optional>

namespace troupe {

struct route_call;

/// How routes come to the store of applications: on another thread, since it waits for the disk.
class store_desk {
public:
  using store_work = std::function<http_response(const application_store&)>;

  explicit store_desk(web_world& world) : world_(world) {}

  /// Answers with what `work` returns. `bytes` of the request stay in memory until then.
  void answer(const sink_ptr& sink, std::size_t bytes, store_work work);
  /// `work` on the other thread; what it returns is called on this one.
  void in_background(const sink_ptr& sink, std::size_t bytes,
                     std::function<std::function<void()>(const application_store&)> work);

private:
  web_world& world_;
};

/// The request's body, an object; else it is refused.
std::optional<json> object_of(const route_call& call);

} // namespace troupe
