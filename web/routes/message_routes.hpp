#pragma once

#include "web/routes/route_table.hpp"
#include "web/routes/web_world.hpp"

namespace troupe {

/// `POST /api/v1/messages`: an ask or a send to any actor.
class message_routes final : public route_group {
public:
  explicit message_routes(web_world& world) : world_(world) {}
  void add_to(route_table& table) override;

private:
  void post(route_call call);
  web_world& world_;
};

/// The largest text that may hold a message: byte strings are a third longer there.
std::size_t max_frame_text(const web_world& world) noexcept;

} // namespace troupe
