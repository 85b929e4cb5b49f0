#pragma once

#include "runtime/applications/application_store.hpp"
#include "web/server/http_port.hpp"
#include "web/server/posted_door.hpp"
#include "web/server/web_server.hpp"

#include <memory>
#include <optional>
#include <string>

namespace troupe {

/// One open door of the gateway: its site. On the web server's thread, except `open` and what `web_port` says.
class gateway final : public http_port {
public:
  static result<std::shared_ptr<gateway>> open(std::shared_ptr<boost::asio::io_context> loop, door& actors,
                                               access_keeper& access, const web_server_options& options,
                                               const listener_options& wish);
  ~gateway() override;

  std::string login() const override { return address() + "/login?code=" + access_.issue_code(); }

  site& routes() noexcept { return *site_; }
  const task_joiner* joiner() const noexcept override { return &join_task_; }

  std::variant<admission, http_response> admit(http_request& request, http_peer&, bool version_11) override {
    return site_->admit(request, version_11);
  }
  void run(const admission& where, http_request request, sink_ptr sink) override {
    site_->run(where, std::move(request), std::move(sink));
  }
  void upgrade(tcp::socket socket, const http_request& opening, session_slot slot) override;

private:
  gateway(std::shared_ptr<boost::asio::io_context> loop, door& actors, access_keeper& access,
          const web_server_options& options);
  result<> open_on(const listener_options& wish);
  void make_site(const web_server_options& options, const listener_options& wish);

  access_keeper& access_;
  posted_door door_;
  application_store applications_;
  const task_joiner join_task_;
  std::optional<site> site_;
};

} // namespace troupe
