#pragma once

#include "runtime/link/fake_link_transport.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// One end of a fake connection. Thread-safe as the port asks; its handler is called by the network's `step` only.
class fake_link final : public link, public std::enable_shared_from_this<fake_link> {
public:
  fake_link(fake_link_network& network, link_options options, std::shared_ptr<link_handler> handler);

  result<> send(frame_type type, std::span<const std::uint8_t> payload, lane credit) override;
  void trust() override;
  void close(const std::string& reason) override;
  std::chrono::steady_clock::time_point last_received() const noexcept override;
  std::size_t queued_bytes() const noexcept override;

  /// Steps of the network.
  void open();
  void join(const std::shared_ptr<fake_link>& peer);
  void end(const std::string& reason);
  /// Ends this end now and the other one by a step.
  void stop(const std::string& reason);

private:
  using bytes = std::vector<std::uint8_t>;

  bool deliver_next();
  void deliver_all();
  void receive(frame_type type, const bytes& payload);

  fake_link_network& network_;
  const link_options options_;
  std::shared_ptr<link_handler> handler_;

  mutable std::mutex mutex_;
  std::weak_ptr<fake_link> peer_;
  std::deque<std::pair<frame_type, bytes>> line_;
  std::size_t queued_ = 0;
  std::size_t limit_;
  bool is_joined_ = false;
  bool is_sealed_ = false;
  bool is_ended_ = false;
  std::string close_reason_;
  std::chrono::steady_clock::time_point last_received_;
};

} // namespace troupe
