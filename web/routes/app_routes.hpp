#pragma once

#include "runtime/applications/beneath.hpp"
#include "web/routes/app_index.hpp"
#include "web/routes/handler_call.hpp"
#include "web/routes/page_keys.hpp"
#include "web/routes/route_table.hpp"
#include "web/routes/store_desk.hpp"

#include <memory>
#include <optional>
#include <string>

namespace troupe {

/// `/app/<id>/<path>`: pages of applications and their web handlers. What is served here has an origin of its own (a
/// sandbox), so that it cannot use the session of who opened it; its own requests carry a key in their path
/// (`/app/<id>~<key>/…`), to which a browser with a session is led.
class app_routes final : public route_group {
public:
  explicit app_routes(web_world& world) : world_(world), desk_(world) {}
  void add_to(route_table& table) override;

private:
  /// Who asks, as far as it concerns one application.
  enum class visitor {
    trusted,  ///< holds the token, a session, or a key of the application
    stranger, ///< may come if the application is public
  };
  struct visit {
    std::string id;
    std::string key; ///< empty: none in the path
    std::string rest;
    bool has_rest = true; ///< the path goes on behind the id, if only with a slash
    visitor who = visitor::stranger;
    bool is_session = false;
    http_request request;
    sink_ptr sink;
  };
  using visit_ptr = std::shared_ptr<visit>;
  using app_ptr = std::shared_ptr<const served_application>;

  std::optional<http_response> admit(const http_request& request, const std::vector<std::string>& parts,
                                     const body_plan& body);
  void open(route_call call);
  void enter(const visit_ptr& who, const app_ptr& app);
  void serve_static(const visit_ptr& who, const app_ptr& app);
  void on_file(const visit_ptr& who, const app_ptr& app, result<beneath_entry> found, std::vector<std::string> parts);
  void send_file(const visit_ptr& who, beneath_entry file, const std::string& name);
  void serve_handler(const visit_ptr& who, const app_ptr& app);
  bool lead_to_key(const visit& who, const app_ptr& app);
  bool is_live_key(const std::string& key, const std::string& id) const;
  void respond(const visit& who, http_response what) const;

  web_world& world_;
  store_desk desk_;
  app_index index_;
  page_keys keys_;
};

} // namespace troupe
