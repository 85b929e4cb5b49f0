#include "nodes/troupe/command_context.hpp"

#include <fstream>
#include <string>

namespace troupe::cli {

attempt<gateway> connect_to(const ready_info& ready, const std::filesystem::path& state_dir, const std::string& place) {
  std::ifstream in(ready.token_file, std::ios::binary);
  std::string token;
  if (!std::getline(in, token) || token.empty()) {
    return give_up(exit_failure, "the token of the system cannot be read from " + ready.token_file.string() +
                                   ": it belongs to the user who started the system");
  }
  auto client = make_http_client(place.empty() ? ready.api : place, token);
  if (!client) {
    return give_up(exit_failure, (state_dir / "ready.json").string() + ": " + client.error().text);
  }
  return gateway{std::move(*client), how_to_start(state_dir)};
}

attempt<gateway> command_context::connect() const {
  const auto ready = read_ready_file(state_dir_);
  return ready ? connect_to(*ready, state_dir_) : std::unexpected(ready.error());
}

attempt<gateway> command_context::connect_to_scripts() const {
  const auto ready = read_ready_file(state_dir_);
  if (!ready) {
    return std::unexpected(ready.error());
  }
  if (ready->scripts.empty()) {
    return give_up(exit_failure, "this system has no script server: its config sets no `script_server.port`");
  }
  return connect_to(*ready, state_dir_, ready->scripts);
}

void command_context::print_json(const json& document) const {
  sink_.out(document.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

void command_context::complain(std::string_view text) const {
  std::string line{"troupe: "};
  line += text;
  while (line.ends_with('\n')) {
    line.pop_back();
  }
  sink_.err(line + "\n");
}

} // namespace troupe::cli
