#pragma once

#include "web/routes/route_table.hpp"
#include "web/routes/store_desk.hpp"

namespace troupe {

/// `/api/v1/applications/{id}/files…` and `…/move`: the files and folders of an application, for those who edit them.
class application_file_routes final : public route_group {
public:
  explicit application_file_routes(web_world& world) : desk_(world) {}
  void add_to(route_table& table) override;

private:
  void list(route_call call);
  void read(route_call call);
  void write(route_call call);
  void make_folder(route_call call);
  void remove(route_call call);
  void move(route_call call);

  store_desk desk_;
};

} // namespace troupe
