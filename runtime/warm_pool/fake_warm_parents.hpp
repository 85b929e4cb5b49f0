#pragma once

#include <runtime/warm_pool/warm_parents.hpp>

#include <list>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/socket.h>

namespace troupe {

/// Parents that exist only in a test, which plays their part.
class fake_warm_parents : public warm_parents {
public:
  struct one {
    warm_key key;
    warm_parent_events events;
    int orders = 0;
    bool dropped = false;
    std::list<unique_fd> observers; ///< the far ends of the seats

    void seat() {
      int ends[2];
      if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0) {
        observers.emplace_back(ends[0]);
        --orders;
        unique_fd gone{::open("/dev/null", O_RDONLY | O_CLOEXEC)}; // readable at once, as the pidfd of an ended process
        events.on_seat({unique_fd{ends[1]}, std::move(gone)});
      }
    }
    void serve() {
      while (orders > 0) {
        seat();
      }
    }
  };

  result<std::unique_ptr<warm_parent>> start(const warm_key& key, warm_parent_events events) override {
    if (failure) {
      return std::unexpected(*failure);
    }
    all.push_back(std::make_shared<one>(one{key, std::move(events)}));
    return std::make_unique<handle>(all.back());
  }

  std::vector<std::shared_ptr<one>> all;
  std::optional<error> failure;

private:
  struct handle : warm_parent {
    explicit handle(std::shared_ptr<one> who) : what(std::move(who)) {}
    ~handle() override { what->dropped = true; }
    void order() override { ++what->orders; }
    std::shared_ptr<one> what;
  };
};

} // namespace troupe
