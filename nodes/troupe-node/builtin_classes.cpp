#include "nodes/troupe-node/builtin_classes.hpp"

#include "nodes/troupe-node/node_output.hpp"

#include "actors/web_face/web_face.hpp"
#include "runtime/access/access_keeper.hpp"
#include "runtime/access/token_file.hpp"
#include "web/server/web_server.hpp"

namespace troupe {

struct builtin_classes::parts {
  parts(const settings& config, door& actors)
    : access(load_or_make_token((config.state_dir / "token").string()).value_or(std::string{}), clock),
      server(actors, access, server_options(config)) {}

  static web_server_options server_options(const settings& config) {
    web_server_options options;
    options.log_file = (config.folders.log / "troupe.log").string();
    options.log = [](log_level level, const std::string& text) { log_line(level, text); };
    return options;
  }

  steady_access_clock clock;
  access_keeper access;
  web_server server;
};

builtin_classes::builtin_classes(const settings& config, door& actors)
  : parts_(std::make_unique<parts>(config, actors)) {}

builtin_classes::~builtin_classes() = default;

std::vector<class_info> builtin_classes::classes() const {
  std::vector<class_info> all;
  all.push_back(make_web_face_class(web_face_ports{&parts_->server}));
  return all;
}

} // namespace troupe
