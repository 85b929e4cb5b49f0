#pragma once

#include "runtime/listener/listener.hpp"

#include <memory>
#include <string>

namespace troupe {

/// A listener that knows which doors are open: a daemon that comes after a killed one asks for them. Thread-safe; the
/// doors may outlive it.
class noted_listener final : public listener {
public:
  noted_listener(listener& real, std::string service);
  ~noted_listener() override;

  result<std::unique_ptr<open_listener>> open(const listener_options& options) override;

  /// `{<service>: {service, address, login?}}` of the door that was opened last; empty if none is open.
  json services() const;

private:
  struct list;
  class door;

  listener& real_;
  const std::string service_;
  std::shared_ptr<list> doors_;
};

} // namespace troupe
