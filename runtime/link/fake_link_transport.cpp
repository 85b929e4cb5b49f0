#include "runtime/link/fake_link_transport.hpp"

#include "runtime/link/fake_link.hpp"

#include <utility>

namespace troupe {

/// Adopts, at the listener's transport, the other end of a dialed connection.
struct fake_link_network::listening {
  std::function<void(int)> accept;
};

class fake_link_network::listener final : public link_listener {
public:
  listener(fake_link_network& network, std::string path) : network_(network), path_(std::move(path)) {}
  ~listener() override {
    std::lock_guard lock{network_.mutex_};
    network_.listeners_.erase(path_);
  }

private:
  fake_link_network& network_;
  const std::string path_;
};

std::pair<int, int> fake_link_network::socket_pair() {
  std::lock_guard lock{mutex_};
  next_socket_ += 2;
  return {next_socket_ - 2, next_socket_ - 1};
}

bool fake_link_network::step() {
  std::function<void()> event;
  {
    std::lock_guard lock{mutex_};
    if (events_.empty())
      return false;
    event = std::move(events_.front());
    events_.pop_front();
  }
  event();
  return true;
}

std::size_t fake_link_network::run() {
  std::size_t count = 0;
  while (step())
    ++count;
  return count;
}

void fake_link_network::cut(int socket, const std::string& reason) {
  std::lock_guard lock{mutex_};
  for (const int end : {socket, socket ^ 1})
    if (const auto found = ends_.find(end); found != ends_.end())
      if (auto link = found->second.lock())
        events_.push_front([link, reason] { link->end(reason); });
}

fake_link_network::clock::time_point fake_link_network::now() const {
  std::lock_guard lock{mutex_};
  return now_;
}

void fake_link_network::advance(clock::duration by) {
  std::lock_guard lock{mutex_};
  now_ += by;
}

void fake_link_network::post(std::function<void()> event) {
  std::lock_guard lock{mutex_};
  events_.push_back(std::move(event));
}

void fake_link_network::attach(int socket, const std::shared_ptr<fake_link>& link) {
  std::shared_ptr<fake_link> peer;
  {
    std::lock_guard lock{mutex_};
    ends_[socket] = link;
    if (const auto found = ends_.find(socket ^ 1); found != ends_.end())
      peer = found->second.lock();
  }
  post([link] { link->open(); });
  if (peer) {
    link->join(peer);
    peer->join(link);
  }
}

fake_link_transport::fake_link_transport(fake_link_network& network, link_options options)
    : network_(network), options_(std::move(options)) {}

fake_link_transport::~fake_link_transport() {
  std::vector<std::weak_ptr<fake_link>> links;
  {
    std::lock_guard lock{mutex_};
    links.swap(links_);
  }
  for (const auto& held : links)
    if (const auto link = held.lock())
      link->stop("the link transport was stopped");
}

void fake_link_transport::adopt(int socket, std::shared_ptr<link_handler> handler) {
  const auto link = std::make_shared<fake_link>(network_, options_, std::move(handler));
  {
    std::lock_guard lock{mutex_};
    std::erase_if(links_, [](const auto& held) { return held.expired(); });
    links_.push_back(link);
  }
  network_.attach(socket, link);
}

result<> fake_link_transport::dial(const std::string& path, std::shared_ptr<link_handler> handler) {
  std::shared_ptr<fake_link_network::listening> there;
  {
    std::lock_guard lock{network_.mutex_};
    if (const auto found = network_.listeners_.find(path); found != network_.listeners_.end())
      there = found->second;
  }
  if (!there)
    return fail(error_code::unavailable, "cannot connect to " + path + ": nobody listens there");
  const auto [here_end, there_end] = network_.socket_pair();
  there->accept(there_end);
  adopt(here_end, std::move(handler));
  return {};
}

result<std::unique_ptr<link_listener>>
fake_link_transport::listen(const std::string& path, std::function<std::shared_ptr<link_handler>()> make_handler) {
  auto made = std::make_shared<fake_link_network::listening>();
  made->accept = [this, make_handler = std::move(make_handler)](int socket) {
    if (auto handler = make_handler())
      adopt(socket, std::move(handler));
  };
  std::lock_guard lock{network_.mutex_};
  if (!network_.listeners_.emplace(path, std::move(made)).second)
    return fail(error_code::conflict, "cannot listen at " + path + ": another process listens there");
  return std::make_unique<fake_link_network::listener>(network_, path);
}

} // namespace troupe
