#include "runtime/caf/transport/caf_link_transport.hpp"

#include "runtime/caf/transport/transport_core.hpp"
#include "runtime/caf/transport/unix_acceptor.hpp"
#include "runtime/caf/transport/unix_socket.hpp"

#include <utility>

namespace troupe {

namespace {

class unix_listener final : public link_listener {
public:
  unix_listener(std::weak_ptr<transport_core> core, std::weak_ptr<unix_acceptor> acceptor)
      : core_(std::move(core)), acceptor_(std::move(acceptor)) {}

  ~unix_listener() override {
    auto core = core_.lock();
    auto acceptor = acceptor_.lock();
    if (core && acceptor)
      core->close(std::move(acceptor));
  }

private:
  const std::weak_ptr<transport_core> core_;
  const std::weak_ptr<unix_acceptor> acceptor_;
};

} // namespace

caf_link_transport::caf_link_transport(caf::actor_system& system, link_options options)
    : core_(std::make_shared<transport_core>(system, std::move(options))) {}

caf_link_transport::~caf_link_transport() {
  stop();
}

void caf_link_transport::adopt(int socket, std::shared_ptr<link_handler> handler) {
  core_->adopt(socket, std::move(handler));
}

result<> caf_link_transport::dial(const std::string& path, std::shared_ptr<link_handler> handler) {
  auto fd = connect_to(path);
  if (!fd)
    return std::unexpected(fd.error());
  core_->adopt(*fd, std::move(handler));
  return {};
}

result<std::unique_ptr<link_listener>>
caf_link_transport::listen(const std::string& path, std::function<std::shared_ptr<link_handler>()> make_handler) {
  auto socket = listen_at(path);
  if (!socket)
    return std::unexpected(socket.error());
  auto acceptor = std::make_shared<unix_acceptor>(core_, path, *socket, std::move(make_handler));
  if (auto opened = core_->open(acceptor); !opened) {
    remove_socket_file(path, *socket);
    return std::unexpected(opened.error());
  }
  return std::make_unique<unix_listener>(core_, acceptor);
}

std::size_t caf_link_transport::stop(std::chrono::milliseconds patience) {
  return core_->stop(patience);
}

} // namespace troupe
