#include <actors/task/held_asks.hpp>

#include <atomic>
#include <utility>

namespace troupe {

struct held_asks::held_answer {
  responder inner;
  std::atomic<bool> is_given{false};

  void give(reply value) {
    if (!is_given.exchange(true)) {
      std::exchange(inner, {})(std::move(value));
    }
  }
};

responder held_asks::hold(context& ctx) {
  std::erase_if(open_, [](const entry& one) { return one.answer->is_given.load(); });
  auto kept = std::make_shared<held_answer>();
  kept->inner = ctx.promise();
  open_.push_back({ctx.current(), kept});
  return responder{
    std::make_shared<std::function<void(reply)>>([kept](reply value) { kept->give(std::move(value)); })};
}

void held_asks::pass_on(context& ctx, const std::function<bool(const message&)>& which) {
  for (auto& one : std::exchange(open_, {})) {
    if (one.answer->is_given.load()) {
      continue;
    }
    if (!which(*one.what)) {
      open_.push_back(std::move(one));
    } else if (const auto sent = ctx.forward(*one.what, ctx.self()); sent) {
      one.answer->give(reply::later());
    } else {
      one.answer->give(reply::failed("it moves, and its mailbox has no room for this question: " + sent.error().text));
    }
  }
}

} // namespace troupe
