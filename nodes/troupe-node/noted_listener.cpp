#include "nodes/troupe-node/noted_listener.hpp"

#include <mutex>
#include <utility>
#include <vector>

namespace troupe {

struct noted_listener::list {
  std::mutex mutex;
  std::vector<const open_listener*> open;
};

class noted_listener::door final : public open_listener {
public:
  door(std::unique_ptr<open_listener> real, std::shared_ptr<list> doors) : real_(std::move(real)), doors_(std::move(doors)) {
    std::lock_guard lock{doors_->mutex};
    doors_->open.push_back(real_.get());
  }
  ~door() override {
    std::lock_guard lock{doors_->mutex};
    std::erase(doors_->open, real_.get());
  }

  std::string address() const override { return real_->address(); }
  std::string login() const override { return real_->login(); }

private:
  std::unique_ptr<open_listener> real_;
  std::shared_ptr<list> doors_;
};

noted_listener::noted_listener(listener& real, std::string service)
  : real_(real), service_(std::move(service)), doors_(std::make_shared<list>()) {}

noted_listener::~noted_listener() = default;

result<std::unique_ptr<open_listener>> noted_listener::open(const listener_options& options) {
  auto opened = real_.open(options);
  if (!opened) {
    return opened;
  }
  return std::make_unique<door>(std::move(*opened), doors_);
}

json noted_listener::services() const {
  std::lock_guard lock{doors_->mutex};
  json all = json::object();
  if (!doors_->open.empty()) {
    const auto& last = *doors_->open.back();
    json facts{{"service", service_}, {"address", last.address()}};
    if (auto login = last.login(); !login.empty()) {
      facts["login"] = std::move(login);
    }
    all[service_] = std::move(facts);
  }
  return all;
}

} // namespace troupe
