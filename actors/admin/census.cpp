// What lives in this process, for a daemon that comes after a killed one.
#include "actors/admin/process_admin.hpp"

#include <unistd.h>

namespace troupe {

namespace {
constexpr std::size_t default_page = 5000;
}

/// From the daemon only: `{from?, most?}`. One page of the actors in the order of their names; `next` is the `from` of the
/// next page, null after the last one.
reply process_admin::census(const message& what) {
  if (what.sender().node != ports_.daemon_node) {
    return reply::not_handled();
  }
  const auto& body = what.body();
  std::string from;
  auto most = default_page;
  try {
    if (body.is_object()) {
      from = body.value("from", from);
      most = body.value("most", most);
    }
  } catch (const json::exception&) {
    return reply::bad_request("from", "{from: a name, most: a number}, both optional");
  }
  auto page = ports_.node.census(from, most == 0 ? 1 : most);
  page["node"] = ctx().node();
  page["incarnation"] = ports_.incarnation;
  page["pid"] = ::getpid();
  page["services"] = ports_.services ? ports_.services() : json::object();
  page["fences"] = json::array();
  page["moves"] = json::array();
  return {"census_is_taken", std::move(page)};
}

} // namespace troupe
