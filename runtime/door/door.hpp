#pragma once

#include <troupe/context.hpp>

#include <functional>
#include <string>

namespace troupe {

/// The way into the actor system for code that is no actor (web sessions, the main programs). Thread-safe; outlived by
/// the node.
class door {
public:
  virtual ~door() = default;

  virtual const std::string& system() const noexcept = 0;
  virtual const std::string& node() const noexcept = 0; ///< this process
  virtual const std::string& head() const noexcept = 0;

  /// As `context::send`.
  virtual result<> send(request what) = 0;

  /// As `context::ask_then`; `done` runs on a thread of the engine and must not block.
  virtual void ask(request what, std::function<void(message_ptr)> done) = 0;
};

} // namespace troupe
