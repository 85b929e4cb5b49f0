#pragma once

#include <runtime/observer/control_channel.hpp>
#include <runtime/process/event_loop.hpp>
#include <runtime/process/unique_fd.hpp>

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>

namespace troupe {

/// The users of a run, of whom the newest is obeyed: the one who started it, over the inherited socket, then whoever
/// attaches over the socket in the run's folder with a higher epoch, or with any when nobody is attached. Whoever is
/// replaced is told and cut off, after what it had sent was taken.
class user_links {
public:
  struct handlers {
    std::function<void(const control_frame&)> on_frame; ///< of the user that is obeyed
    std::function<void()> on_attached;                  ///< a new one is
    std::function<void()> on_gone;                      ///< nobody is attached any more
    std::function<void()> on_drained;                   ///< all that was sent is in the socket
  };

  user_links(event_loop& loop, unique_fd first, handlers what);
  ~user_links();

  /// Lets users attach at the socket in the run's folder.
  result<> listen(const std::string& folder);
  void stop_listening();

  /// Nobody attached: it is dropped.
  void send(std::string frame);
  std::size_t pending() const noexcept { return user_ ? user_->pending() : 0; }
  bool has_user() const noexcept { return user_ && user_->is_open(); }
  std::uint64_t epoch() const noexcept { return epoch_; }

private:
  using channel_ptr = std::shared_ptr<control_channel>;

  void accept();
  void introduce(const std::weak_ptr<control_channel>& who, const control_frame& frame);
  void obey(const channel_ptr& who, std::uint64_t epoch);
  void let_go(channel_ptr who);
  control_channel::handlers handlers_of_visitor(std::shared_ptr<std::weak_ptr<control_channel>> who);

  event_loop& loop_;
  handlers handlers_;
  std::string path_;
  unique_fd listener_;
  std::uint64_t epoch_ = 1;
  channel_ptr user_;
  std::list<channel_ptr> visitors_; // connected, have not said who they are
};

} // namespace troupe
