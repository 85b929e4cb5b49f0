#pragma once

#include <troupe/context.hpp>

#include <string>
#include <utility>

namespace troupe {

namespace detail {

inline result<> order_watch(context& ctx, const char* command, std::string entity) {
  json body = json::object();
  body["entity"] = std::move(entity);
  return ctx.send(request{address::admin_of(ctx.node()), command, std::move(body), {}, ctx.self(), {}});
}

} // namespace detail

/// This actor wants to hear of the end of an actor or a node, by name. It is told `watching {entity}` or
/// `actor_is_not_found`; later `actor_is_down {entity, reason, node, will_restart}` or `node_is_down {node, reason,
/// will_restart}`, as messages for which its class needs handlers. The watch stays until `unwatch`, or until the watched is
/// gone for good; it survives moves of both.
inline result<> watch(context& ctx, std::string entity) { return detail::order_watch(ctx, "watch", std::move(entity)); }

/// Takes a watch back; this actor is told `unwatched {entity, was_watched}`.
inline result<> unwatch(context& ctx, std::string entity) { return detail::order_watch(ctx, "unwatch", std::move(entity)); }

} // namespace troupe
