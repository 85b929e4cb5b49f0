#include "web/bridge/bridge_server.hpp"

#include "web/bridge/bridge_door.hpp"
#include "web/routes/http_types.hpp"

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
  pthread_setname_np(pthread_self(), "bridge");
}

/// Closes the door when destroyed. The port is free when the destructor returns.
class door_handle final : public open_listener {
public:
  explicit door_handle(std::shared_ptr<bridge_door> owned) : door_(std::move(owned)), gate_(door_->gate()) {}

  ~door_handle() override {
    auto closed = std::make_shared<std::promise<void>>();
    auto done = closed->get_future();
    // The last reference must go on the bridge's thread; if that has ended, the dropped promise says so.
    gate_->post([owned = std::move(door_), closed = std::move(closed)] {
      owned->close();
      closed->set_value();
    });
    done.wait_for(std::chrono::seconds(5));
  }

  std::string address() const override { return door_->address(); }

private:
  std::shared_ptr<bridge_door> door_;
  std::shared_ptr<loop_gate> gate_;
};

} // namespace

struct bridge_server::parts {
  parts(access_keeper& keeper, bridge_server_options wishes) : access(keeper), options(std::move(wishes)) {}

  void start() {
    if (!thread.joinable()) {
      ended = end.get_future();
      thread = std::thread([this] {
        block_signals();
        loop->run();
        end.set_value();
      });
    }
  }

  access_keeper& access;
  const bridge_server_options options;
  std::shared_ptr<asio::io_context> loop = std::make_shared<asio::io_context>(1);
  asio::executor_work_guard<asio::io_context::executor_type> work{loop->get_executor()};
  std::mutex mutex; ///< over what follows
  std::vector<std::weak_ptr<bridge_door>> doors;
  std::shared_ptr<bridge_door> inner; ///< of clients that came in elsewhere
  std::thread thread;
  std::promise<void> end;
  std::future<void> ended;
};

bridge_server::bridge_server(access_keeper& access, bridge_server_options options)
  : parts_(std::make_unique<parts>(access, std::move(options))) {}

bridge_server::~bridge_server() {
  const std::lock_guard lock(parts_->mutex);
  if (!parts_->thread.joinable()) {
    return;
  }
  asio::post(*parts_->loop, [this] {
    for (const auto& weak : parts_->doors) {
      if (const auto each = weak.lock()) {
        each->close();
      }
    }
    parts_->inner.reset();
    parts_->work.reset(); // the thread ends when the last client has gone
  });
  if (parts_->ended.wait_for(parts_->options.limits.close_grace + std::chrono::seconds(2)) != std::future_status::ready) {
    parts_->loop->stop();
  }
  parts_->thread.join();
  for (const auto& weak : parts_->doors) {
    if (const auto each = weak.lock()) {
      each->gate()->close();
    }
  }
}

result<std::unique_ptr<open_listener>> bridge_server::open(const listener_options& options) {
  const std::lock_guard lock(parts_->mutex);
  auto made = bridge_door::open(parts_->loop, parts_->access, parts_->options, options);
  if (!made) {
    return std::unexpected(made.error());
  }
  std::erase_if(parts_->doors, [](const auto& weak) { return weak.expired(); });
  parts_->doors.push_back(*made);
  parts_->start();
  asio::post(*parts_->loop, [each = *made] { each->start_accepting(); });
  return std::make_unique<door_handle>(std::move(*made));
}

void bridge_server::adopt(int socket, const http_request& opening, const std::string& pid) {
  const std::lock_guard lock(parts_->mutex);
  if (!parts_->inner) {
    parts_->inner = bridge_door::inner(parts_->loop, parts_->access, parts_->options);
    parts_->doors.push_back(parts_->inner);
    parts_->start();
  }
  asio::post(*parts_->loop, [door = parts_->inner, socket, opening, pid] { door->adopt(socket, opening, pid); });
}

} // namespace troupe
