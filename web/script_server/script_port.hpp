#pragma once

#include "runtime/scripts/script_shelf.hpp"
#include "web/routes/route_table.hpp"
#include "web/script_server/run_routes.hpp"
#include "web/script_server/script_gate.hpp"
#include "web/script_server/script_routes.hpp"
#include "web/script_server/script_runs.hpp"
#include "web/script_server/script_server.hpp"
#include "web/script_server/script_world.hpp"
#include "web/server/http_port.hpp"
#include "web/server/posted_door.hpp"

#include <memory>

namespace troupe {

/// One open port of the script server: its scripts, their runs, who may use them. On the server's thread, except `open`
/// and what `web_port` says.
class script_port final : public http_port {
public:
  static result<std::shared_ptr<script_port>> open(std::shared_ptr<boost::asio::io_context> loop, door& actors,
                                                   access_keeper& access, const script_server_options& options,
                                                   const listener_options& wish);
  ~script_port() override;

  std::variant<admission, http_response> admit(http_request& request, http_peer& peer, bool version_11) override;
  void run(const admission& where, http_request request, sink_ptr sink) override;

private:
  script_port(std::shared_ptr<boost::asio::io_context> loop, door& actors, access_keeper& access,
              const script_server_options& options);
  void on_close() override { queue_.close(); }

  posted_door door_;
  script_store store_;
  script_shelf shelf_;
  result_cache cache_;
  run_queue queue_;
  script_gate gate_;
  script_world world_;
  script_runs runs_;
  script_routes script_routes_;
  run_routes run_routes_;
  route_table table_;
};

} // namespace troupe
