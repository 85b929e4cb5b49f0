#include "runtime/caf/transport/transport_core.hpp"

#include "runtime/caf/transport/link_connection.hpp"
#include "runtime/caf/transport/unix_acceptor.hpp"

#include <caf/io/broker.hpp>
#include <caf/io/middleman.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <future>
#include <thread>
#include <utility>

namespace troupe {

transport_core::transport_core(caf::actor_system& system, link_options options)
    : system_(system), loop_(dynamic_cast<caf::io::network::default_multiplexer&>(system.middleman().backend())),
      options_(std::move(options)) {}

bool transport_core::is_on_loop() const noexcept {
  return std::this_thread::get_id() == loop_.thread_id();
}

void transport_core::run_on_loop(const std::function<void()>& job) {
  if (is_on_loop())
    return job();
  auto done = std::make_shared<std::promise<void>>();
  loop_.post([&job, done] {
    job();
    done->set_value();
  });
  done->get_future().wait();
}

void transport_core::log(const std::string& text) const {
  if (options_.log)
    options_.log(text);
}

void transport_core::adopt(int socket, std::shared_ptr<link_handler> handler) {
  ::fcntl(socket, F_SETFD, FD_CLOEXEC);
  {
    // The lock is held over the spawn: after `stop` nothing may reach the loop.
    std::lock_guard lock{mutex_};
    if (!is_stopped_) {
      auto connection = std::make_shared<link_connection>(shared_from_this(), socket, std::move(handler));
      ++open_;
      connections_.insert(connection);
      system_.middleman().spawn_broker<caf::hidden>(&link_connection::broker, std::move(connection));
      return;
    }
  }
  ::close(socket);
  handler->on_closed("the link transport was stopped");
}

result<> transport_core::open(std::shared_ptr<unix_acceptor> acceptor) {
  std::lock_guard lock{mutex_};
  ++open_;
  if (is_stopped_)
    return fail(error_code::unavailable, "cannot listen: the link transport was stopped");
  acceptors_.insert(acceptor);
  loop_.dispatch([acceptor = std::move(acceptor)] { acceptor->open(); });
  return {};
}

void transport_core::close(std::shared_ptr<unix_acceptor> acceptor) {
  if (is_on_loop())
    return acceptor->close();
  auto done = std::make_shared<std::promise<void>>();
  {
    std::lock_guard lock{mutex_};
    if (is_stopped_)
      return;
    loop_.post([acceptor = std::move(acceptor), done] {
      acceptor->close();
      done->set_value();
    });
  }
  done->get_future().wait();
}

void transport_core::forget(const std::shared_ptr<unix_acceptor>& acceptor) {
  std::lock_guard lock{mutex_};
  acceptors_.erase(acceptor);
}

void transport_core::ended(const std::shared_ptr<link_connection>& connection) {
  std::lock_guard lock{mutex_};
  connections_.erase(connection);
}

void transport_core::closed() noexcept {
  std::lock_guard lock{mutex_};
  --open_;
  all_closed_.notify_all();
}

std::size_t transport_core::stop(std::chrono::milliseconds patience) {
  std::set<std::shared_ptr<link_connection>> connections;
  std::set<std::shared_ptr<unix_acceptor>> acceptors;
  {
    std::lock_guard lock{mutex_};
    if (std::exchange(is_stopped_, true))
      return open_;
    connections = connections_;
    acceptors = acceptors_;
  }
  run_on_loop([&] {
    for (const auto& acceptor : acceptors)
      acceptor->close();
    for (const auto& connection : connections)
      connection->end("the link transport was stopped");
  });
  connections.clear();
  acceptors.clear();
  if (is_on_loop())
    return open_;
  std::size_t left = 0;
  {
    std::unique_lock lock{mutex_};
    all_closed_.wait_for(lock, patience, [&] { return open_ == 0; });
    left = open_;
  }
  run_on_loop([] {}); // the last destructor has run to its end
  return left;
}

} // namespace troupe
