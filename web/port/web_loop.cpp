#include "web/port/web_loop.hpp"

#include <boost/asio/executor_work_guard.hpp>

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
void begin_thread(const std::string& name) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  pthread_setname_np(pthread_self(), name.c_str());
}

/// Closes the port when destroyed; it is free when the destructor returns.
class port_handle final : public open_listener {
public:
  explicit port_handle(std::shared_ptr<web_port> owned) : port_(std::move(owned)), gate_(port_->gate()) {}

  ~port_handle() override {
    auto closed = std::make_shared<std::promise<void>>();
    auto done = closed->get_future();
    // The last reference must go on the port's thread. If that has ended, everything is closed already and the dropped
    // promise says so.
    gate_->post([owned = std::move(port_), closed = std::move(closed)] {
      owned->close();
      closed->set_value();
    });
    done.wait_for(std::chrono::seconds(5));
  }

  std::string address() const override { return port_->address(); }
  std::string login() const override { return port_->login(); }

private:
  std::shared_ptr<web_port> port_;
  std::shared_ptr<loop_gate> gate_;
};

} // namespace

struct web_loop::parts {
  void start() {
    if (!thread.joinable()) {
      ended = end.get_future();
      thread = std::thread([this] {
        begin_thread(name);
        loop->run();
        end.set_value();
      });
    }
  }

  std::string name;
  std::chrono::milliseconds grace;
  std::shared_ptr<asio::io_context> loop = std::make_shared<asio::io_context>(1);
  asio::executor_work_guard<asio::io_context::executor_type> work{loop->get_executor()};
  std::mutex mutex; ///< over what follows
  std::vector<std::weak_ptr<web_port>> ports;
  std::thread thread;
  std::promise<void> end;
  std::future<void> ended;
};

web_loop::web_loop(std::string thread_name, std::chrono::milliseconds close_grace) : parts_(std::make_unique<parts>()) {
  parts_->name = std::move(thread_name);
  parts_->grace = close_grace;
}

web_loop::~web_loop() {
  const std::lock_guard lock(parts_->mutex);
  if (!parts_->thread.joinable()) {
    return;
  }
  asio::post(*parts_->loop, [this] {
    for (const auto& weak : parts_->ports) {
      if (const auto each = weak.lock()) {
        each->close();
      }
    }
    parts_->work.reset(); // the thread ends when the last connection has
  });
  if (parts_->ended.wait_for(parts_->grace + std::chrono::seconds(2)) != std::future_status::ready) {
    parts_->loop->stop();
  }
  parts_->thread.join();
  for (const auto& weak : parts_->ports) {
    if (const auto each = weak.lock()) {
      each->gate()->close();
    }
  }
}

const std::shared_ptr<asio::io_context>& web_loop::context() const noexcept { return parts_->loop; }

void web_loop::keep(const std::shared_ptr<web_port>& port) {
  const std::lock_guard lock(parts_->mutex);
  std::erase_if(parts_->ports, [](const auto& weak) { return weak.expired(); });
  parts_->ports.push_back(port);
  parts_->start();
}

std::unique_ptr<open_listener> web_loop::run(std::shared_ptr<web_port> port) {
  keep(port);
  asio::post(*parts_->loop, [port] { port->start_accepting(); });
  return std::make_unique<port_handle>(std::move(port));
}

} // namespace troupe
