#pragma once

#include "runtime/caf/transport/caf_link_transport.hpp"
#include "runtime/link/frame_reader.hpp"
#include "tests/process/link/recording_handler.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace troupe::testing {

struct link_system_config : caf::actor_system_config {
  link_system_config() {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::size_t{2});
    set("middleman.workers", std::size_t{0});
    load<caf::io::middleman>();
  }
};

inline std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
    ++count;
  return count;
}

/// An actor system with the real transport. At the end it is stopped and no descriptor may be left.
class link_fixture : public ::testing::Test {
protected:
  using bytes = recording_handler::bytes;

  link_fixture() {
    char name[] = "/tmp/troupe-link-XXXXXX";
    folder_ = ::mkdtemp(name);
  }

  ~link_fixture() override { std::filesystem::remove_all(folder_); }

  void TearDown() override {
    if (transport_) {
      EXPECT_EQ(transport_->stop(), 0u) << "descriptors left in the transport";
      EXPECT_EQ(open_descriptors(), descriptors_) << "descriptors left open";
    }
    transport_.reset();
    system_.reset();
  }

  caf_link_transport& transport() {
    if (!transport_) {
      options.log = [this](const std::string& text) {
        std::lock_guard lock{mutex_};
        log_.push_back(text);
      };
      system_ = std::make_unique<caf::actor_system>(config_);
      descriptors_ = open_descriptors();
      transport_ = std::make_unique<caf_link_transport>(*system_, options);
    }
    return *transport_;
  }

  /// A link and the raw socket at its other end.
  int raw_peer_of(const std::shared_ptr<recording_handler>& handler) {
    auto& made = transport();
    int sockets[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
    made.adopt(sockets[0], handler);
    EXPECT_NE(handler->opened(), nullptr);
    return sockets[1];
  }

  void join(const std::shared_ptr<recording_handler>& left, const std::shared_ptr<recording_handler>& right) {
    auto& made = transport();
    int sockets[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
    made.adopt(sockets[0], left);
    made.adopt(sockets[1], right);
    ASSERT_NE(left->opened(), nullptr);
    ASSERT_NE(right->opened(), nullptr);
  }

  static bytes encoded(frame_type type, const bytes& payload) {
    bytes made(frame_header_bytes);
    write_frame_header(made.data(), type, static_cast<std::uint32_t>(payload.size()));
    made.insert(made.end(), payload.begin(), payload.end());
    return made;
  }

  static void write_all(int fd, const bytes& data) {
    for (std::size_t at = 0; at < data.size();) {
      const auto count = ::send(fd, data.data() + at, data.size() - at, MSG_NOSIGNAL);
      ASSERT_GT(count, 0) << std::strerror(errno);
      at += static_cast<std::size_t>(count);
    }
  }

  static bytes read_all(int fd) {
    bytes got;
    std::uint8_t piece[65536];
    for (;;) {
      const auto count = ::read(fd, piece, sizeof piece);
      if (count <= 0)
        return got;
      got.insert(got.end(), piece, piece + count);
    }
  }

  template <class Condition>
  static bool eventually(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline)
        return false;
      std::this_thread::yield();
    }
    return true;
  }

  std::vector<std::string> log() {
    std::lock_guard lock{mutex_};
    return log_;
  }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  /// The longest name of a socket in the test's folder.
  std::size_t max_path_name() const { return 107 - folder_.size() - 1; }

  link_options options;

private:
  std::string folder_;
  link_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  std::unique_ptr<caf_link_transport> transport_;
  std::size_t descriptors_ = 0;
  std::mutex mutex_;
  std::vector<std::string> log_;
};

inline std::shared_ptr<recording_handler> make_recorder(bool trusts = true, recording_handler::frame_hook hook = {}) {
  return std::make_shared<recording_handler>(trusts, std::move(hook));
}

} // namespace troupe::testing
