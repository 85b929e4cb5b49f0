#include "user_links.hpp"

#include <runtime/observer/process_tree.hpp>
#include <runtime/observer/run_plan.hpp>
#include <runtime/process/unix_place.hpp>

#include <algorithm>
#include <utility>

#include <sys/epoll.h>

namespace troupe {
namespace {

constexpr std::size_t most_visitors = 16;

} // namespace

user_links::user_links(event_loop& loop, unique_fd first, handlers what) : loop_(loop), handlers_(std::move(what)) {
  user_ = std::make_shared<control_channel>(
    loop_, std::move(first),
    control_channel::handlers{[this](const control_frame& frame) { handlers_.on_frame(frame); },
                              [this](std::string) { handlers_.on_gone(); }, [this] { handlers_.on_drained(); }});
}

user_links::~user_links() {
  stop_listening();
}

result<> user_links::listen(const std::string& folder) {
  path_ = attach_socket_of(folder);
  auto listener = listen_at_path(path_);
  if (!listener) {
    return std::unexpected(listener.error());
  }
  listener_ = std::move(*listener);
  loop_.watch(listener_.get(), EPOLLIN, [this](std::uint32_t) { accept(); });
  return {};
}

void user_links::stop_listening() {
  if (listener_) {
    loop_.forget(listener_.get());
    listener_.reset();
    ::unlink(path_.c_str());
  }
}

void user_links::send(std::string frame) {
  if (has_user()) {
    user_->send(std::move(frame));
  }
}

/// Users are of the observer's own user id or root, and no process of the run itself.
void user_links::accept() {
  auto socket = accept_from(listener_.get());
  if (!socket) {
    return;
  }
  const auto peer = peer_of(socket.get());
  if ((peer.uid != ::geteuid() && peer.uid != 0) || is_below(peer.pid, ::getpid())) {
    return;
  }
  if (visitors_.size() >= most_visitors) {
    auto oldest = visitors_.front();
    oldest->close();
    let_go(std::move(oldest));
  }
  auto self = std::make_shared<std::weak_ptr<control_channel>>();
  auto made = std::make_shared<control_channel>(loop_, std::move(socket), handlers_of_visitor(self));
  *self = made;
  visitors_.push_back(std::move(made));
}

control_channel::handlers user_links::handlers_of_visitor(std::shared_ptr<std::weak_ptr<control_channel>> who) {
  return {[this, who](const control_frame& frame) {
            if (who->lock() == user_) {
              handlers_.on_frame(frame);
            } else {
              introduce(*who, frame);
            }
          },
          [this, who](std::string) {
            const auto gone = who->lock();
            if (gone == user_) {
              handlers_.on_gone();
            } else if (gone) {
              let_go(gone);
            }
          },
          [this, who] {
            if (who->lock() == user_) {
              handlers_.on_drained();
            }
          }};
}

void user_links::introduce(const std::weak_ptr<control_channel>& who, const control_frame& frame) {
  const auto visitor = who.lock();
  if (!visitor || !visitor->is_open()) {
    return;
  }
  const auto body = frame.type == control_type::attach ? frame.body() : json(nullptr);
  const bool is_request = body.is_object() && body.contains("epoch") && body["epoch"].is_number_unsigned();
  const auto epoch = is_request ? body["epoch"].get<std::uint64_t>() : 0;
  if (is_request && (epoch > epoch_ || !has_user())) {
    obey(visitor, epoch);
    return;
  }
  if (is_request) {
    visitor->send(encode_frame(control_type::replaced, json{{"epoch", epoch_}}));
  }
  visitor->close();
  let_go(visitor);
}

void user_links::obey(const channel_ptr& who, std::uint64_t epoch) {
  if (has_user()) {
    user_->read_rest(); // its last words came before the new user's first
  }
  auto before = std::exchange(user_, who);
  std::erase(visitors_, who);
  epoch_ = std::max(epoch_, epoch);
  if (before && before->is_open()) {
    before->send(encode_frame(control_type::replaced, json{{"epoch", epoch_}}));
    before->close();
  }
  let_go(std::move(before));
  handlers_.on_attached();
}

/// A channel may not end inside of its own callback.
void user_links::let_go(channel_ptr who) {
  std::erase(visitors_, who);
  loop_.post([who = std::move(who)] {});
}

} // namespace troupe
