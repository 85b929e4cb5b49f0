#include "web/server/web_server.hpp"

#include "web/server/gateway.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <algorithm>
#include <csignal>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include <pthread.h>

namespace troupe {
namespace {

namespace asio = boost::asio;

/// The thread leaves signals to the program's own.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  pthread_setname_np(pthread_self(), "web");
}

} // namespace

struct web_server::parts {
  parts(door& actors_door, access_keeper& keeper, web_server_options wishes)
    : actors(actors_door), access(keeper), options(std::move(wishes)) {}

  void start() {
    if (thread.joinable()) {
      return;
    }
    ended = end.get_future();
    thread = std::thread([this] {
      block_signals();
      loop->run();
      end.set_value();
    });
  }

  door& actors;
  access_keeper& access;
  const web_server_options options;
  std::shared_ptr<asio::io_context> loop = std::make_shared<asio::io_context>(1);
  asio::executor_work_guard<asio::io_context::executor_type> work{loop->get_executor()};
  std::mutex mutex; ///< over what follows
  std::vector<std::weak_ptr<gateway>> gateways;
  std::thread thread;
  std::promise<void> end;
  std::future<void> ended;
};

namespace {

/// Closes the gateway when destroyed. The port is free when the destructor returns.
class gateway_handle final : public open_listener {
public:
  gateway_handle(std::shared_ptr<gateway> owned, std::shared_ptr<loop_gate> gate)
    : gateway_(std::move(owned)), gate_(std::move(gate)) {}

  ~gateway_handle() override {
    auto closed = std::make_shared<std::promise<void>>();
    auto done = closed->get_future();
    // The last reference must go on the web server's thread. If that has ended, everything is closed already and the
    // dropped promise says so.
    gate_->post([owned = std::move(gateway_), closed = std::move(closed)] {
      owned->close();
      closed->set_value();
    });
    gateway_.reset();
    done.wait_for(std::chrono::seconds(5));
  }

  std::string address() const override { return gateway_->address(); }
  std::string login() const override { return gateway_->address() + "/login?code=" + gateway_->access().issue_code(); }

private:
  std::shared_ptr<gateway> gateway_;
  std::shared_ptr<loop_gate> gate_;
};

} // namespace

web_server::web_server(door& actors, access_keeper& access, web_server_options options)
  : parts_(std::make_unique<parts>(actors, access, std::move(options))) {}

web_server::~web_server() {
  const std::lock_guard lock(parts_->mutex);
  if (!parts_->thread.joinable()) {
    return;
  }
  asio::post(*parts_->loop, [this] {
    for (const auto& weak : parts_->gateways) {
      if (const auto each = weak.lock()) {
        each->close();
      }
    }
    parts_->work.reset(); // the thread ends when the last connection has
  });
  if (parts_->ended.wait_for(parts_->options.limits.close_grace + std::chrono::seconds(2)) != std::future_status::ready) {
    parts_->loop->stop();
  }
  parts_->thread.join();
  for (const auto& weak : parts_->gateways) {
    if (const auto each = weak.lock()) {
      each->gate()->close();
    }
  }
}

result<std::unique_ptr<open_listener>> web_server::open(const listener_options& options) {
  const std::lock_guard lock(parts_->mutex);
  auto made = gateway::open(parts_->loop, parts_->actors, parts_->access, parts_->options, options);
  if (!made) {
    return std::unexpected(made.error());
  }
  std::erase_if(parts_->gateways, [](const auto& weak) { return weak.expired(); });
  parts_->gateways.push_back(*made);
  parts_->start();
  asio::post(*parts_->loop, [each = *made] { each->start_accepting(); });
  auto gate = (*made)->gate();
  return std::make_unique<gateway_handle>(std::move(*made), std::move(gate));
}

} // namespace troupe
