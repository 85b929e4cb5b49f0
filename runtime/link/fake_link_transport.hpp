#pragma once

#include "runtime/link/link.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

class fake_link;

/// The world of fake transports: paths that are listened to, pairs of sockets, and what is under way between them.
/// Nothing arrives before `run` or `step` is called, on the caller's thread, which is the "transport's thread" then.
/// Outlives its transports.
class fake_link_network {
public:
  using clock = std::chrono::steady_clock;

  /// Two numbers that `adopt` takes as the ends of one connection.
  std::pair<int, int> socket_pair();

  /// Lets one thing happen (a link opens, one frame arrives, a link ends). False: nothing is under way.
  bool step();
  /// Steps until nothing is under way; returns how many.
  std::size_t run();

  /// The connection with this socket breaks: what is under way on it is lost, both ends hear `on_closed`.
  void cut(int socket, const std::string& reason);

  /// What `last_received` shows; moves only by this.
  clock::time_point now() const;
  void advance(clock::duration by);

private:
  friend class fake_link;
  friend class fake_link_transport;
  class listener;
  struct listening;

  void post(std::function<void()> event);
  void attach(int socket, const std::shared_ptr<fake_link>& link);

  mutable std::mutex mutex_;
  std::deque<std::function<void()>> events_;
  std::map<std::string, std::shared_ptr<listening>> listeners_;
  std::map<int, std::weak_ptr<fake_link>> ends_;
  int next_socket_ = 1'000'000;
  clock::time_point now_{};
};

/// A link transport in memory, for tests of what uses links: same order, limits, refusals and ends as the real one, no
/// threads, no time of its own (the hello deadline and the grace are not kept). Outlives its listeners.
class fake_link_transport final : public link_transport {
public:
  explicit fake_link_transport(fake_link_network& network, link_options options = {});
  /// Ends its links: their handlers hear `on_closed` now, the peers' when the network runs.
  ~fake_link_transport() override;

  void adopt(int socket, std::shared_ptr<link_handler> handler) override;
  result<> dial(const std::string& path, std::shared_ptr<link_handler> handler) override;
  result<std::unique_ptr<link_listener>> listen(const std::string& path,
                                                std::function<std::shared_ptr<link_handler>()> make_handler) override;

private:
  fake_link_network& network_;
  const link_options options_;
  std::mutex mutex_;
  std::vector<std::weak_ptr<fake_link>> links_;
};

} // namespace troupe
