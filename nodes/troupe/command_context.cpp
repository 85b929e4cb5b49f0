#include "nodes/troupe/command_context.hpp"

#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace troupe::cli {

namespace {

/// Follows a system whose gateway has got another port because its process was started again: when nobody takes a
/// connection, ready.json tells where it is now.
class following_client final : public http_client {
public:
  following_client(std::string address, std::string ready_info::*door, std::string token, std::unique_ptr<http_client> first,
                   std::filesystem::path state_dir)
      : address_(std::move(address)), door_(door), token_(std::move(token)), client_(std::move(first)), state_dir_(std::move(state_dir)) {}

  result<http_response> call(const http_request& request, std::stop_token stop) override {
    auto got = present()->call(request, stop);
    return !got && got.error().code == error_code::unavailable && has_moved() ? present()->call(request, stop) : std::move(got);
  }
  result<http_response> stream(const http_request& request, const body_piece& on_piece, std::stop_token stop) override {
    auto got = present()->stream(request, on_piece, stop);
    return !got && got.error().code == error_code::unavailable && has_moved() ? present()->stream(request, on_piece, stop)
                                                                             : std::move(got);
  }

private:
  std::shared_ptr<http_client> present() const {
    const std::lock_guard lock(mutex_);
    return client_;
  }
  bool has_moved() {
    const auto ready = read_ready_file(state_dir_);
    const std::lock_guard lock(mutex_);
    if (!ready || *ready.*door_ == address_) {
      return false;
    }
    auto next = make_http_client(*ready.*door_, token_);
    if (next) {
      address_ = *ready.*door_;
      client_ = std::move(*next);
    }
    return next.has_value();
  }

  mutable std::mutex mutex_;
  std::string address_;
  std::string ready_info::*door_;
  const std::string token_;
  std::shared_ptr<http_client> client_;
  const std::filesystem::path state_dir_;
};

} // namespace

attempt<gateway> connect_to(const ready_info& ready, const std::filesystem::path& state_dir, std::string ready_info::*door) {
  std::ifstream in(ready.token_file, std::ios::binary);
  std::string token;
  if (!std::getline(in, token) || token.empty()) {
    return give_up(exit_failure, "the token of the system cannot be read from " + ready.token_file.string() +
                                   ": it belongs to the user who started the system");
  }
  auto client = make_http_client(ready.*door, token);
  if (!client) {
    return give_up(exit_failure, (state_dir / "ready.json").string() + ": " + client.error().text);
  }
  auto following = std::make_unique<following_client>(ready.*door, door, token, std::move(*client), state_dir);
  return gateway{std::move(following), how_to_start(state_dir)};
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
  return connect_to(*ready, state_dir_, &ready_info::scripts);
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
