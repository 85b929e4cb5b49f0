#pragma once

#include <troupe/context.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace troupe {

/// Questions to an actor that are answered later, and that must not hold it up when it moves: then they go back into its
/// mailbox, travel with it, and are asked anew where it goes. In the actor's turn; the responders work from any thread.
class held_asks {
public:
  /// The way to answer the current message later.
  responder hold(context& ctx);

  /// Asks those that are not answered again, of the actor itself; only those that `which` chooses.
  void pass_on(context& ctx, const std::function<bool(const message&)>& which);

private:
  struct held_answer;

  struct entry {
    message_ptr what;
    std::shared_ptr<held_answer> answer;
  };

  std::vector<entry> open_;
};

} // namespace troupe
