#pragma once

#include <actors/task/task_ports.hpp>

#include <troupe/context.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace troupe {

/// The place of one run among those that may run at once: asked of the history of runs, which gives the places, before its
/// script starts. The end that is noted there frees it. Asks again now and then, and until it is answered. Belongs to a
/// task and works in its turn.
class place_step {
public:
  /// The place, or why there is none.
  using done = std::function<void(result<>)>;

  /// `told` hears the position in the queue, when it is given and when it has changed.
  void begin(context& where, const task_ports& ports, const std::string& run, std::function<void(std::size_t)> told, done ended);
  bool is_waiting() const noexcept { return waiting_ != nullptr; }
  std::size_t position() const noexcept { return position_; } ///< from 1 on; 0: not in a queue

  /// `place_is_free`: the turn of this run has come. False if it does not wait.
  bool take();
  /// It does not want one any more.
  void give_up();

private:
  void ask(context& where);
  void answered(context& where, const message& answer);
  void ask_later(context& where, seconds pause);
  void end(result<> how);

  std::string run_;
  address giver_;
  std::size_t position_ = 0;
  std::function<void(std::size_t)> told_;
  std::shared_ptr<done> waiting_; ///< shared with what may come late, which then finds it gone
};

} // namespace troupe
