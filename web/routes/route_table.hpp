#pragma once

#include "web/routes/raw_head.hpp"
#include "web/routes/response_sink.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// A request on its way through one route.
struct route_call {
  http_request request;
  std::vector<std::string> parts; ///< what the `{…}` of the pattern stood for, decoded
  sink_ptr sink;
};

enum class route_access {
  everybody,
  logged_in,
  own_rule, ///< `route::admit` decides, also about requests of pages of other origins
};

/// One path and method.
struct route {
  std::string method;
  std::string pattern; ///< `/api/v1/tasks/{id}/output`
  route_access access = route_access::logged_in;
  std::size_t max_body = 0;
  std::function<void(route_call)> run; ///< empty: a websocket opens here
  bool takes_rest = false; ///< the last `{…}` stands for the whole rest of the path, with its slashes; it may be empty
  /// Before the body is read; an answer refuses the request.
  std::function<std::optional<http_response>(const http_request&, const std::vector<std::string>& parts, const body_plan&)>
    admit = {};
};

/// All routes of a site. Filled once, then only read.
class route_table {
public:
  void add(route one);

  struct match {
    const route* found = nullptr;      ///< null: see `allowed`
    std::vector<std::string> parts;
    std::vector<std::string> allowed;  ///< methods that the path has; empty: there is no such path
  };
  /// HEAD finds the route of GET. Nothing if the path cannot be decoded.
  std::optional<match> find(std::string_view method, std::string_view path) const;

  const std::vector<route>& all() const noexcept { return routes_; }

private:
  std::vector<route> routes_;
  std::vector<std::vector<std::string>> patterns_; ///< of the routes, in their parts
};

/// Routes that belong together: one class, one file.
class route_group {
public:
  virtual ~route_group() = default;
  virtual void add_to(route_table& table) = 0;
};

} // namespace troupe
